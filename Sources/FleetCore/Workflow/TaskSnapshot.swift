/// A task's rows as the workflow sees them: the task, the subtasks of its current plan, and the steps it waits for.
///
/// A task waits for at most one step of its own, and each subtask for at most one; the rows point at them. A step
/// that is terminal and still pointed at is an outcome the workflow has not applied yet. That makes advancing
/// repeatable: a lost wake-up is found again by looking at the rows.
package struct TaskSnapshot: Sendable {
    /// Locked while the workflow decides.
    package var task: TaskRecord
    /// In plan order.
    package var subtasks: [SubtaskRecord]
    /// The steps pointed at, by id.
    package var steps: [Int: StepRecord]

    /// A task without a plan, unless subtasks are given.
    package init(task: TaskRecord, subtasks: [SubtaskRecord] = [], steps: [Int: StepRecord] = [:]) {
        self.task = task
        self.subtasks = subtasks
        self.steps = steps
    }
}
