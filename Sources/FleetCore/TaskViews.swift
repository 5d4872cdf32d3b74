/// A task as lists show it. Times are microseconds since 1970-01-01 UTC.
package struct TaskSummary: Sendable, Equatable {
    /// What every request about it names.
    package var id: String
    /// Its owner.
    package var userID: String
    /// As its owner wrote it.
    package var title: String
    /// As its owner sees it.
    package var status: TaskStatus
    /// As handed in; never changed.
    package var priority: Priority
    /// In percent; falls only when a finished task starts again.
    package var progress: Int
    /// A ``TaskStage``, as it is stored; that of a task that failed or was cancelled is the one it had reached.
    package var stage: String
    /// A ``WorkflowState``, as it is stored: finer than the stage.
    package var workflowState: String
    /// Name of its batch; nil if it is in none.
    package var batch: String?
    /// When it was handed in.
    package var createdAt: Int
    /// When its row was written last.
    package var updatedAt: Int
    /// When it ended, in whatever way; nil while it is worked on.
    package var completedAt: Int?
    /// A guess made when it was handed in, and again with a revision or a retry; nil if none was made.
    package var estimatedCompletion: Int?
    /// What the result has to admit.
    package var limitations: [String]
    /// Why it failed; nil if it did not.
    package var failure: String?

    package init(
        id: String, userID: String, title: String, status: TaskStatus, priority: Priority, progress: Int,
        stage: String, workflowState: String, batch: String?, createdAt: Int, updatedAt: Int, completedAt: Int?,
        estimatedCompletion: Int?,
        limitations: [String], failure: String?
    ) {
        self.id = id
        self.userID = userID
        self.title = title
        self.status = status
        self.priority = priority
        self.progress = progress
        self.stage = stage
        self.workflowState = workflowState
        self.batch = batch
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        self.completedAt = completedAt
        self.estimatedCompletion = estimatedCompletion
        self.limitations = limitations
        self.failure = failure
    }
}

/// Everything about one task that its owner may see at a glance.
package struct TaskDetail: Sendable {
    /// The same as in lists.
    package var summary: TaskSummary
    /// As its owner wrote it.
    package var description: String
    /// The object that its owner added; nil if there is none.
    package var context: JSONValue?
    /// The owner asked to try the failed parts again, and no scheduler has looked yet.
    package var isRetryRequested: Bool
    /// The revision that is worked on; nil if there is none, or it is still pending.
    package var activeRevisionID: String?
    /// What its calls have cost so far, in USD.
    package var cost: CostSums
    /// The subtasks of the current plan, in its order.
    package var subtasks: [SubtaskSummary]
    /// Steps that wait or run.
    package var openSteps: [OpenStep]
    /// The newest final answer: that of the last run while a revision or a retry is asked for or under way.
    package var answer: TaskAnswer?

    /// All parts, read one after another: the task may move on in between.
    package init(
        summary: TaskSummary, description: String, context: JSONValue?, isRetryRequested: Bool,
        activeRevisionID: String?, cost: CostSums, subtasks: [SubtaskSummary], openSteps: [OpenStep],
        answer: TaskAnswer?
    ) {
        self.summary = summary
        self.description = description
        self.context = context
        self.isRetryRequested = isRetryRequested
        self.activeRevisionID = activeRevisionID
        self.cost = cost
        self.subtasks = subtasks
        self.openSteps = openSteps
        self.answer = answer
    }
}

/// A subtask of the current plan.
package struct SubtaskSummary: Sendable, Equatable {
    /// Of the row in `subtasks`; dependencies name it.
    package var id: String
    /// Short name of the work, by the manager.
    package var title: String
    /// Agent type that solves it, or did last; nil if that type's row is gone.
    package var specialist: String?
    /// How far it is.
    package var status: SubtaskRecord.Status
    /// Verdict of the latest review; nil before the first.
    package var acceptance: ReviewVerdict?
    /// Ids of the subtasks that must be accepted first.
    package var dependencies: [String]
    /// The best reviewed version's score.
    package var score: Double?
    /// Accepted although below the bar, or never reviewed.
    package var isPartial: Bool
    /// Why it failed, or why it is only partial; nil otherwise.
    package var failure: String?

    package init(
        id: String, title: String, specialist: String?, status: SubtaskRecord.Status, acceptance: ReviewVerdict?,
        dependencies: [String], score: Double?, isPartial: Bool, failure: String?
    ) {
        self.id = id
        self.title = title
        self.specialist = specialist
        self.status = status
        self.acceptance = acceptance
        self.dependencies = dependencies
        self.score = score
        self.isPartial = isPartial
        self.failure = failure
    }
}

/// A step that is not finished.
package struct OpenStep: Sendable, Equatable {
    package var id: Int
    /// What its agent is asked for.
    package var kind: StepKind
    /// Whose queue it is in, or who works on it.
    package var agentType: String
    /// Nil for a step of the task as a whole.
    package var subtaskID: String?
    /// Ready, dispatched, running or parked.
    package var state: StepState
    /// Claims so far; 0 before the first.
    package var attempt: Int
    /// Why a parked step waits: a ``StepOutcome/WaitReason``, as it is stored.
    package var waitReason: String?
    /// Until when it waits, microseconds since 1970-01-01 UTC.
    package var notBefore: Int?

    package init(
        id: Int, kind: StepKind, agentType: String, subtaskID: String?, state: StepState, attempt: Int,
        waitReason: String?, notBefore: Int?
    ) {
        self.id = id
        self.kind = kind
        self.agentType = agentType
        self.subtaskID = subtaskID
        self.state = state
        self.attempt = attempt
        self.waitReason = waitReason
        self.notBefore = notBefore
    }
}

/// A final answer as it is stored.
package struct TaskAnswer: Sendable, Equatable {
    /// The synthesis as JSON text, or Markdown.
    package var content: String
    /// `limitations`, `partial` and the synthesis' own members; an empty object if nothing is stored.
    package var metadata: JSONValue
    /// Number of the final answer, from 1.
    package var version: Int
    /// When the task came to it, microseconds since 1970-01-01 UTC.
    package var completedAt: Int

    package init(content: String, metadata: JSONValue, version: Int, completedAt: Int) {
        self.content = content
        self.metadata = metadata
        self.version = version
        self.completedAt = completedAt
    }
}
