/// The texts behind a step's references.
public struct PromptMaterial: Sendable {
    /// A subtask as prompts show it.
    public struct Subtask: Sendable {
        /// Of the row in `subtasks`; a solution names it.
        public var id: String
        /// Name within the plan (`s1`): what prompts and answers call it.
        public var key: String
        /// Agent type that solves it; empty if that type's row is gone.
        public var specialist: String
        /// Short name of the work.
        public var title: String
        /// The manager's instructions, complete by themselves; empty if the prompt only names the subtask.
        public var description: String
        /// The expected result and its form; may be empty.
        public var deliverable: String
        /// Ids of the requirements it serves; empty: all of them.
        public var covers: [String]
        /// As the manager gave it.
        public var priority: Priority
        /// Solved by the models for complex work.
        public var isComplex: Bool
        /// The `status` column.
        public var status: String
        /// Weighted score of its best solution, 0 to 10; nil before a review.
        public var score: Double?

        /// All parts as they are stored.
        public init(
            id: String, key: String, specialist: String, title: String, description: String, deliverable: String,
            covers: [String] = [], priority: Priority = .medium, isComplex: Bool = false, status: String = "pending",
            score: Double? = nil
        ) {
            self.id = id
            self.key = key
            self.specialist = specialist
            self.title = title
            self.description = description
            self.deliverable = deliverable
            self.covers = covers
            self.priority = priority
            self.isComplex = isComplex
            self.status = status
            self.score = score
        }
    }

    /// The text of an execution, a coordination or a synthesis.
    public struct Solution: Sendable {
        /// Whose solution it is; nil for a coordination or a synthesis.
        public var subtaskID: String?
        /// A specialist's text; for the other kinds the whole answer as JSON text.
        public var content: String
        /// Number of the solution, from 1.
        public var version: Int
        /// Who wrote it: not always the one that has its subtask now.
        public var agentType: String?
        /// The rest of a specialist's answer and what its reviews made of it, as JSON text; nil for the other kinds.
        public var metadata: String?

        /// All parts as they are stored.
        public init(
            subtaskID: String?, content: String, version: Int = 1, agentType: String? = nil, metadata: String? = nil
        ) {
            self.subtaskID = subtaskID
            self.content = content
            self.version = version
            self.agentType = agentType
            self.metadata = metadata
        }
    }

    /// A revision that the task's owner asked for before.
    public struct EarlierRevision: Sendable {
        /// The owner's words.
        public var request: String
        /// How far back it reached; nil if it did not get that far.
        public var scope: String?
        /// The `status` column of `revisions`.
        public var status: String

        /// All parts as they are stored.
        public init(request: String, scope: String?, status: String) {
            self.request = request
            self.scope = scope
            self.status = status
        }
    }

    /// As its owner wrote it; every prompt begins with it.
    public var taskTitle: String
    /// As its owner wrote it: 20 to 10,000 characters.
    public var taskDescription: String
    /// The object that its owner added, as JSON text; nil if there is none.
    public var taskContext: String?
    /// Subtasks of the task's current plan, in order.
    public var subtasks: [Subtask]
    /// Solutions by the step that wrote them.
    public var solutions: [Int: Solution]
    /// Managers' answers, JSON text, by step.
    public var results: [Int: String]
    /// Oldest first; only for the scoping of another one.
    public var earlierRevisions: [EarlierRevision]

    /// The task alone; the rest is added as the step refers to it.
    public init(
        taskTitle: String, taskDescription: String, taskContext: String?, subtasks: [Subtask] = [],
        solutions: [Int: Solution] = [:], results: [Int: String] = [:], earlierRevisions: [EarlierRevision] = []
    ) {
        self.taskTitle = taskTitle
        self.taskDescription = taskDescription
        self.taskContext = taskContext
        self.subtasks = subtasks
        self.solutions = solutions
        self.results = results
        self.earlierRevisions = earlierRevisions
    }
}
