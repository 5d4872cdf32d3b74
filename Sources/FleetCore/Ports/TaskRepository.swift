/// The gateway's side of the rows: what owners of tasks may do and see.
///
/// `owner` limits what is visible: another user's task is `notFound`; nil sees every task. Nothing is half-written
/// if a method throws.
package protocol TaskRepository: Sendable {
    /// Whether the rows can be reached now.
    func check() async throws(TaskRepositoryError)

    /// Writes new tasks, each with its first event, its wake-up and its place in its flow, all or none.
    ///
    /// - Returns: one result per task, in order.
    func submit(_ tasks: [NewTask]) async throws(TaskRepositoryError) -> [SubmittedTask]

    func list(_ query: TaskQuery) async throws(TaskRepositoryError) -> TaskPage

    func detail(of taskID: String, owner: String?) async throws(TaskRepositoryError) -> TaskDetail

    /// The task with its newest final answer, if it has one.
    func result(of taskID: String, owner: String?) async throws(TaskRepositoryError) -> (
        task: TaskSummary, answer: TaskAnswer?
    )

    /// What the task has cost and why: every call that was made for it.
    func receipt(of taskID: String, owner: String?) async throws(TaskRepositoryError) -> TaskReceipt

    /// Stored events with a larger number than `after`, in order.
    func events(of taskID: String, owner: String?, after: Int, limit: Int) async throws(TaskRepositoryError)
        -> [StoredTaskEvent]

    /// Asks for a revision of a finished task.
    func revise(_ taskID: String, owner: String?, _ request: RevisionRequest) async throws(TaskRepositoryError)
        -> TaskChange

    /// Asks for another try of the failed parts.
    func retry(_ taskID: String, owner: String?) async throws(TaskRepositoryError) -> TaskChange

    /// Cancels an unfinished task; cancelling a cancelled one changes nothing. Of a task that has been finished before,
    /// only the revision or the retry is cancelled that is asked for or under way: the task is again what it was.
    func cancel(_ taskID: String, owner: String?) async throws(TaskRepositoryError) -> TaskChange

    /// The agent types in use.
    func agentTypes() async throws(TaskRepositoryError) -> [AgentTypeSummary]
}
