/// What a step's prompt is made of, by reference: the texts stay in their own rows.
public struct StepInput: Sendable, Equatable {
    /// A part of the answer that stayed below the bar.
    public struct PartialPart: Sendable, Equatable {
        /// Why, in words.
        public var reason: String
        /// The review of the version that had to do; nil if it was never reviewed.
        public var reviewStepID: Int?

        /// All parts.
        public init(reason: String, reviewStepID: Int? = nil) {
            self.reason = reason
            self.reviewStepID = reviewStepID
        }
    }

    /// Accepted solutions to aggregate, to synthesise or to choose from, by execution step, in the order of the plan.
    public var solutionStepIDs: [Int]
    /// The review of each of them, as far as it had one.
    public var solutionReviewStepIDs: [Int: Int]
    /// Solutions that the subtask depends on, by execution step.
    public var dependencyStepIDs: [Int]
    /// Solutions that those depend on.
    public var indirectStepIDs: [Int]
    /// The solution to improve or to review.
    public var subjectStepID: Int?
    /// Version of the solution or answer that is to be improved or reviewed; nil: a first one is to be written.
    public var subjectVersion: Int?
    /// Another specialist's solution that was rejected: what is not to be continued.
    public var rejectedStepID: Int?
    /// The task's analysis; nil before there is one.
    public var analysisStepID: Int?
    /// Requirements that a user's revision added to those of the analysis.
    public var addedRequirements: [Requirement]
    /// Reviews of the earlier versions, oldest first.
    public var reviewStepIDs: [Int]
    /// The review whose feedback is to be met, or was; nil if nothing was sent back.
    public var reviewStepID: Int?
    /// The aggregation to synthesise from; nil: from the solutions themselves.
    public var coordinationStepID: Int?
    /// The final answer to review, to improve, or to scope a revision of.
    public var synthesisStepID: Int?
    /// The analysis before a revision of the full task.
    public var previousAnalysisStepID: Int?
    /// The answer before a revision of the full task.
    public var previousAnswerStepID: Int?
    /// The aggregation before a revision.
    public var previousCoordinationStepID: Int?
    /// The plan that did not compile.
    public var rejectedPlanStepID: Int?
    /// Specialists to plan with.
    public var specialists: [SelectedSpecialist]
    /// Steps that wait or run per agent type, when specialists are to be chosen.
    public var load: [String: Int]
    /// Types that failed in this task, when specialists are to be chosen.
    public var tried: [String]
    /// What was wrong with the previous plan.
    public var planErrors: [String]
    /// Parts that are missing, by subtask key, with the reason.
    public var missing: [String: String]
    /// Parts that stayed below the bar, by subtask key.
    public var partial: [String: PartialPart]
    /// The user's revision request.
    public var revisionRequest: String?
    /// Parts of the answer that the request is about; empty: all of it.
    public var revisionAreas: [String]
    /// Ask the models for complex work: a complex subtask, or a second opinion after a rejection.
    public var prefersComplexModels: Bool
    /// The version before was too long to be reviewed whole.
    public var wantsShorter: Bool

    /// Refers to nothing.
    public init() {
        solutionStepIDs = []
        solutionReviewStepIDs = [:]
        dependencyStepIDs = []
        indirectStepIDs = []
        addedRequirements = []
        reviewStepIDs = []
        specialists = []
        load = [:]
        tried = []
        planErrors = []
        missing = [:]
        partial = [:]
        revisionAreas = []
        prefersComplexModels = false
        wantsShorter = false
    }

    /// Whether the prompt shows the plan around the step's own subtask, or names solutions after theirs.
    public static func needsPlan(_ kind: StepKind) -> Bool {
        switch kind {
        case .subtaskExecution, .solutionReview, .coordination, .synthesis, .revisionScoping: true
        case .taskAnalysis, .specialistSelection, .taskDecomposition, .finalReview: false
        }
    }

    /// Every step whose solution or result has to be loaded for the prompt.
    public var referencedStepIDs: [Int] {
        let single = [
            subjectStepID, rejectedStepID, analysisStepID, reviewStepID, coordinationStepID, synthesisStepID,
            previousAnalysisStepID, previousAnswerStepID, previousCoordinationStepID, rejectedPlanStepID,
        ]
        return solutionStepIDs + dependencyStepIDs + indirectStepIDs + reviewStepIDs
            + solutionReviewStepIDs.values.sorted() + partial.values.compactMap(\.reviewStepID).sorted()
            + single.compactMap { $0 }
    }
}
