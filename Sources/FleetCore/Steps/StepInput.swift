/// What a step's prompt is made of, by reference: the texts stay in their own rows.
package struct StepInput: Sendable, Equatable {
    /// A part of the answer that stayed below the bar.
    package struct PartialPart: Sendable, Equatable {
        /// Why, in words.
        package var reason: String
        /// The review of the version that had to do; nil if it was never reviewed.
        package var reviewStepID: Int?

        package init(reason: String, reviewStepID: Int? = nil) {
            self.reason = reason
            self.reviewStepID = reviewStepID
        }
    }

    /// Accepted solutions to aggregate, to synthesise or to choose from, by execution step, in the order of the plan.
    package var solutionStepIDs: [Int]
    /// The review of each of them, as far as it had one.
    package var solutionReviewStepIDs: [Int: Int]
    /// Solutions that the subtask depends on, by execution step.
    package var dependencyStepIDs: [Int]
    /// Solutions that those depend on.
    package var indirectStepIDs: [Int]
    /// The solution to improve or to review.
    package var subjectStepID: Int?
    /// Version of the solution or answer that is to be improved or reviewed; nil: a first one is to be written.
    package var subjectVersion: Int?
    /// Another specialist's solution that was rejected: what is not to be continued.
    package var rejectedStepID: Int?
    /// The task's analysis; nil before there is one.
    package var analysisStepID: Int?
    /// Requirements that a user's revision added to those of the analysis.
    package var addedRequirements: [Requirement]
    /// Reviews of the earlier versions, oldest first.
    package var reviewStepIDs: [Int]
    /// The review whose feedback is to be met, or was; nil if nothing was sent back.
    package var reviewStepID: Int?
    /// The aggregation to synthesise from; nil: from the solutions themselves.
    package var coordinationStepID: Int?
    /// The final answer to review, to improve, or to scope a revision of.
    package var synthesisStepID: Int?
    /// The analysis before a revision of the full task.
    package var previousAnalysisStepID: Int?
    /// The answer before a revision of the full task.
    package var previousAnswerStepID: Int?
    /// The aggregation before a revision.
    package var previousCoordinationStepID: Int?
    /// The plan that did not compile.
    package var rejectedPlanStepID: Int?
    /// Specialists to plan with.
    package var specialists: [SelectedSpecialist]
    /// Steps that wait or run per agent type, when specialists are to be chosen.
    package var load: [String: Int]
    /// Types that failed in this task, when specialists are to be chosen.
    package var tried: [String]
    /// What was wrong with the previous plan.
    package var planErrors: [String]
    /// Parts that are missing, by subtask key, with the reason.
    package var missing: [String: String]
    /// Parts that stayed below the bar, by subtask key.
    package var partial: [String: PartialPart]
    /// The user's revision request.
    package var revisionRequest: String?
    /// Parts of the answer that the request is about; empty: all of it.
    package var revisionAreas: [String]
    /// Ask the models for complex work: a complex subtask, or a second opinion after a rejection.
    package var prefersComplexModels: Bool
    /// The version before was too long to be reviewed whole.
    package var wantsShorter: Bool
    /// An operator wants this model to be asked first, by its name in the catalogue.
    package var preferredModel: String?

    /// Refers to nothing.
    package init() {
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
    package static func needsPlan(_ kind: StepKind) -> Bool {
        switch kind {
        case .subtaskExecution, .solutionReview, .coordination, .synthesis, .revisionScoping: true
        case .taskAnalysis, .specialistSelection, .taskDecomposition, .finalReview: false
        }
    }

    /// Every step whose solution or result has to be loaded for the prompt.
    package var referencedStepIDs: [Int] {
        let single = [
            subjectStepID, rejectedStepID, analysisStepID, reviewStepID, coordinationStepID, synthesisStepID,
            previousAnalysisStepID, previousAnswerStepID, previousCoordinationStepID, rejectedPlanStepID,
        ]
        return solutionStepIDs + dependencyStepIDs + indirectStepIDs + reviewStepIDs
            + solutionReviewStepIDs.values.sorted() + partial.values.compactMap(\.reviewStepID).sorted()
            + single.compactMap { $0 }
    }
}
