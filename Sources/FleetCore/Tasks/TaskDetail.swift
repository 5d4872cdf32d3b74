package import JSON

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
