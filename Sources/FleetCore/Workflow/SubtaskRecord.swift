/// The workflow's part of a row of `subtasks`.
package struct SubtaskRecord: Sendable, Equatable {
    /// The `status` column; raw values are the specification's, and `cancelled` besides.
    package enum Status: String, Sendable, CaseIterable {
        /// Waits for the subtasks it depends on.
        case pending
        /// Its first execution is asked for; no worker has taken it yet.
        case assigned
        /// A worker has taken its execution, or its solution is under review: its open step says which.
        case inProgress = "in_progress"
        case completed, failed
        /// Sent back or opened again; no worker has taken the next execution yet.
        case needsRevision = "needs_revision"
        /// Its task was cancelled, or the revision whose plan it belongs to, before it was settled.
        case cancelled

        /// Settled until a revision or a retry opens it again.
        package var isTerminal: Bool { self == .completed || self == .failed || self == .cancelled }
    }

    /// Made of the task's id, the plan's number and the place in the plan.
    package var id: String
    /// Name within the plan: `s1`.
    package var key: String
    /// Short name of the work, for events and limitations.
    package var title: String
    /// Agent type that solves it; another one after a failure or a rejection.
    package var specialist: String
    /// Keys of the subtasks that must be accepted first.
    package var dependencies: [String]
    /// Ids of the requirements that it serves; empty: all of them.
    package var covers: [String]
    /// As the manager gave it. Steps go by the task's priority.
    package var priority: Priority
    /// Solved by the models for complex work.
    package var isComplex: Bool
    /// Decides with `acceptance` whether dependents may start.
    package var status: Status
    /// Verdict of the latest review; `accepted` also when the best of several versions had to do.
    package var acceptance: ReviewVerdict?
    /// Accepted although below the bar, or never reviewed.
    package var isPartial: Bool
    /// Revision cycles used, at most ``WorkflowLimits/revisionCycles``.
    package var cycle: Int
    /// The step it waits for.
    package var currentStepID: Int?
    /// Executions so far: the version number of the latest solution.
    package var version: Int
    /// Execution step of the latest solution; nil until there is one.
    package var latestSolutionStepID: Int?
    /// Execution step of the best solution so far: what dependents and the final answer read.
    package var bestSolutionStepID: Int?
    /// Weighted score of that solution, 0 to 10; nil until one was reviewed in this run.
    package var bestScore: Double?
    /// The review of that solution; nil if it was never reviewed.
    package var bestReviewStepID: Int?
    /// The review that asked for the revision in progress.
    package var reviewStepID: Int?
    /// Reviews of this specialist's versions in this run, oldest first.
    package var reviewStepIDs: [Int]
    /// It was asked for a shorter version once, because the one before could not be reviewed whole.
    package var isShortened: Bool
    /// Specialists that gave up or were rejected.
    package var triedSpecialists: [String]
    /// Why it failed, for the limitations.
    package var failure: String?

    /// A subtask of a new plan: pending, nothing tried.
    package init(
        id: String, key: String, title: String, specialist: String, dependencies: [String] = [],
        covers: [String] = [], priority: Priority = .medium, isComplex: Bool = false
    ) {
        self.id = id
        self.key = key
        self.title = title
        self.specialist = specialist
        self.dependencies = dependencies
        self.covers = covers
        self.priority = priority
        self.isComplex = isComplex
        reviewStepIDs = []
        isShortened = false
        status = .pending
        isPartial = false
        cycle = 0
        version = 0
        triedSpecialists = []
    }

    /// It has a solution that may be used.
    package var isAccepted: Bool { status == .completed && acceptance == .accepted }
}
