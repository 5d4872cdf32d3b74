/// Everything that one advance of a task changes; applied in one transaction or not at all.
public struct Advance: Sendable {
    /// The task's new row; its state says what happened.
    public var task: TaskRecord
    /// What the owner sees from now on; follows from the task's state, its revision and its limitations.
    public var status: TaskStatus
    /// Subtasks of a new plan, in order.
    public var newSubtasks: [NewSubtask] = []
    /// Rows that were there before and changed.
    public var changedSubtasks: [SubtaskRecord] = []
    /// Steps that the task or a subtask waits for from now on.
    public var newSteps: [NewStep] = []
    /// Judgements of solutions; of several on one solution the last one counts.
    public var verdicts: [SolutionVerdict] = []
    /// The task's answer, once it is finished.
    public var final: FinalAnswer?
    /// What becomes of a user's revision; nil if none moved on.
    public var revision: RevisionChange?
    /// Who did what, in order; each is announced by an event too.
    public var interactions: [Interaction] = []
    /// For the task's stream, in order.
    public var events: [FleetEvent] = []
    /// Why a task failed.
    public var failure: String?

    init(task: TaskRecord) {
        self.task = task
        status = .pending
    }
}

/// A subtask row to insert.
public struct NewSubtask: Sendable {
    /// What the workflow follows of it, its step included if it may start at once.
    public var record: SubtaskRecord
    /// What only prompts need of it: description, deliverable, requirements covered.
    public var node: Plan.Node
    /// Place in the plan, from 0.
    public var ordinal: Int
}

/// A step row to insert, ready for dispatch.
public struct NewStep: Sendable {
    /// Taken from ``Workflow/Context/nextStepID``.
    public var id: Int
    /// What is asked; says which prompt and schema are used.
    public var kind: StepKind
    /// Whose queue its ticket goes to.
    public var agentType: String
    /// Nil for a step of the task as a whole.
    public var subtaskID: String?
    /// The revision's that it belongs to, otherwise the task's.
    public var priority: Priority
    /// What its prompt refers to; stored apart from the narrow step row.
    public var input: StepInput
}

/// What a review said about a solution.
public struct SolutionVerdict: Sendable {
    /// The execution step whose answer the solution is.
    public var stepID: Int
    /// `accepted` also when the best of several versions had to do.
    public var verdict: ReviewVerdict
    /// Weighted score, 0 to 10; nil if the solution was accepted without a usable review.
    public var score: Double?
    /// The reviewer's text, or why the solution was accepted all the same.
    public var feedback: String
    /// The best of several versions had to do.
    public var isPartial: Bool
    /// The gates that lowered the reviewer's scores; see ``ReviewJudgement``.
    public var adjustedBy: [String] = []
}

/// Where the task's final answer comes from.
public struct FinalAnswer: Sendable {
    /// Rows that the answer is copied from.
    public enum Source: Sendable, Equatable {
        /// The solution that this step wrote.
        case step(Int)
        /// The accepted solutions of these execution steps, one after another: synthesis failed.
        case solutions([Int])
    }

    /// Where its text is copied from.
    public var source: Source
    /// The agent that is named as its author: the analyst, also for one that had to be put together from solutions.
    public var agentType: String
    /// Number of the final answer, from 1.
    public var version: Int
    /// What the answer has to admit; those of the task when it ended.
    public var limitations: [String]
    /// It has limitations.
    public var isPartial: Bool
}

/// A row of `revisions` that moves on.
public struct RevisionChange: Sendable, Equatable {
    /// Of the row in `revisions`.
    public var id: String
    /// The row's new `status`: `scoping`, `in_progress`, `completed` or `failed`.
    public var status: String
    /// How far back the revision reaches; nil keeps what the row says.
    public var scope: RevisionScope?
    /// Nothing more will come of it: the row gets its `completed_at`.
    public var isFinished: Bool
}

/// A row of `interactions`.
public struct Interaction: Sendable, Equatable {
    /// Who acted; nil: the workflow itself.
    public var agentType: String?
    /// One of the specification's interaction types.
    public var type: String
    /// What was done, in snake_case, such as `plan_rejected`.
    public var action: String
    /// One sentence for people.
    public var description: String
    /// An object with particulars; empty if there are none.
    public var metadata: JSONValue
}

/// An event of a task's stream; the store gives it its sequence number and time.
public struct FleetEvent: Sendable, Equatable {
    /// One of the specification's event types.
    public var type: String
    /// Its members besides `type`, `task_id`, `seq` and `timestamp`.
    public var fields: JSONObject

    /// Takes the members in the order in which they are sent; of equal names the last one wins.
    public init(_ type: String, _ fields: [(String, JSONValue)] = []) {
        self.type = type
        self.fields = JSONObject()
        for (key, value) in fields { self.fields[key] = value }
    }

    /// A task goes from one state of its workflow to another.
    public static func transition(from: WorkflowState, to: WorkflowState) -> FleetEvent {
        FleetEvent(
            "stage_transition",
            [("from_stage", .string(from.nameInEvents)), ("to_stage", .string(to.nameInEvents))])
    }

    /// A task's owner sees something new.
    public static func status(_ status: TaskStatus, progress: Int) -> FleetEvent {
        FleetEvent("task_status_update", [("status", .string(status.rawValue)), ("progress", .integer(progress))])
    }
}
