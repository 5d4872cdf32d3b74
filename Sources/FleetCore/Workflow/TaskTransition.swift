/// Everything that one advance of a task changes; applied in one transaction or not at all.
package struct TaskTransition: Sendable {
    /// The task's new row; its state says what happened.
    package var task: TaskRecord
    /// What the owner sees from now on; follows from the task's state, its revision and its limitations.
    package var status: TaskStatus
    /// Subtasks of a new plan, in order.
    package var newSubtasks: [NewSubtask] = []
    /// Rows that were there before and changed.
    package var changedSubtasks: [SubtaskRecord] = []
    /// Steps that the task or a subtask waits for from now on.
    package var newSteps: [NewStep] = []
    /// Judgements of solutions; of several on one solution the last one counts.
    package var verdicts: [SolutionVerdict] = []
    /// The task's answer, once it is finished.
    package var final: FinalAnswer?
    /// What becomes of a user's revision; nil if none moved on.
    package var revision: RevisionChange?
    /// For the task's stream, in order.
    package var events: [TaskEvent] = []
    /// Why a task failed.
    package var failure: String?

    init(task: TaskRecord) {
        self.task = task
        status = .pending
    }
}

/// A subtask row to insert.
package struct NewSubtask: Sendable {
    /// What the workflow follows of it, its step included if it may start at once.
    package var record: SubtaskRecord
    /// What only prompts need of it: description, deliverable, requirements covered.
    package var node: Plan.Node
    /// Place in the plan, from 0.
    package var ordinal: Int
}

/// A step row to insert, ready for dispatch.
package struct NewStep: Sendable {
    /// Taken from ``Workflow/Context/nextStepID``.
    package var id: Int
    /// What is asked; says which prompt and schema are used.
    package var kind: StepKind
    /// Whose queue its ticket goes to.
    package var agentType: String
    /// Nil for a step of the task as a whole.
    package var subtaskID: String?
    /// The revision's that it belongs to, otherwise the task's.
    package var priority: Priority
    /// What its prompt refers to; stored apart from the narrow step row.
    package var input: StepInput
}

/// What a review said about a solution.
package struct SolutionVerdict: Sendable {
    /// The execution step whose answer the solution is.
    package var stepID: Int
    /// `accepted` also when the best of several versions had to do.
    package var verdict: ReviewVerdict
    /// Weighted score, 0 to 10; nil if the solution was accepted without a usable review.
    package var score: Double?
    /// The reviewer's text, or why the solution was accepted all the same.
    package var feedback: String
    /// The best of several versions had to do.
    package var isPartial: Bool
    /// The gates that lowered the reviewer's scores; see ``ReviewJudgement``.
    package var adjustedBy: [String] = []
}
