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
