/// Everything that one advance of a task changes; applied in one transaction or not at all.
public struct Advance: Sendable {
    /// The task's new row; its state says what happened.
    public var task: TaskRecord
    public var status: TaskStatus
    /// Subtasks of a new plan, in order.
    public var newSubtasks: [NewSubtask] = []
    /// Rows that were there before and changed.
    public var changedSubtasks: [SubtaskRecord] = []
    public var newSteps: [NewStep] = []
    public var verdicts: [SolutionVerdict] = []
    /// The task's answer, once it is finished.
    public var final: FinalAnswer?
    public var revision: RevisionChange?
    public var interactions: [Interaction] = []
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
    public var record: SubtaskRecord
    public var node: Plan.Node
    public var ordinal: Int
}

/// A step row to insert, ready for dispatch.
public struct NewStep: Sendable {
    public var id: Int
    public var kind: StepKind
    public var agentType: String
    public var subtaskID: String?
    public var input: StepInput
}

/// What a review said about a solution.
public struct SolutionVerdict: Sendable {
    /// The execution step whose answer the solution is.
    public var stepID: Int
    public var verdict: ReviewVerdict
    public var score: Double?
    public var feedback: String
    /// The best of several versions had to do.
    public var isPartial: Bool
}

/// Where the task's final answer comes from.
public struct FinalAnswer: Sendable {
    public enum Source: Sendable, Equatable {
        /// The solution that this step wrote.
        case step(Int)
        /// The accepted solutions of these execution steps, one after another: synthesis failed.
        case solutions([Int])
    }

    public var source: Source
    public var version: Int
    public var limitations: [String]
    public var isPartial: Bool
}

/// A row of `revisions` that moves on.
public struct RevisionChange: Sendable, Equatable {
    public var id: String
    public var status: String
    public var scope: RevisionScope?
    public var isFinished: Bool
}

/// A row of `interactions`.
public struct Interaction: Sendable, Equatable {
    public var agentType: String?
    /// One of the specification's interaction types.
    public var type: String
    public var action: String
    public var description: String
    public var metadata: JSONValue
}

/// An event of a task's stream; the store gives it its sequence number and time.
public struct FleetEvent: Sendable, Equatable {
    /// One of the specification's event types.
    public var type: String
    /// Its members besides `type`, `task_id`, `seq` and `timestamp`.
    public var fields: JSONObject

    public init(_ type: String, _ fields: [(String, JSONValue)] = []) {
        self.type = type
        self.fields = JSONObject()
        for (key, value) in fields { self.fields[key] = value }
    }
}
