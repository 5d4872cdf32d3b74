/// The texts behind a step's references.
package struct PromptMaterial: Sendable {
    /// A subtask as prompts show it.
    package struct Subtask: Sendable {
        /// Of the row in `subtasks`; a solution names it.
        package var id: String
        /// Name within the plan (`s1`): what prompts and answers call it.
        package var key: String
        /// Agent type that solves it; empty if that type's row is gone.
        package var specialist: String
        /// Short name of the work.
        package var title: String
        /// The manager's instructions, complete by themselves; empty if the prompt only names the subtask.
        package var description: String
        /// The expected result and its form; may be empty.
        package var deliverable: String
        /// Ids of the requirements it serves; empty: all of them.
        package var covers: [String]
        /// As the manager gave it.
        package var priority: Priority
        /// Solved by the models for complex work.
        package var isComplex: Bool
        /// The `status` column.
        package var status: String
        /// Weighted score of its best solution, 0 to 10; nil before a review.
        package var score: Double?

        package init(
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
    package struct Solution: Sendable {
        /// Whose solution it is; nil for a coordination or a synthesis.
        package var subtaskID: String?
        /// A specialist's text; for the other kinds the whole answer as JSON text.
        package var content: String
        /// Number of the solution, from 1.
        package var version: Int
        /// Who wrote it: not always the one that has its subtask now.
        package var agentType: String?
        /// The rest of a specialist's answer and what its reviews made of it, as JSON text; nil for the other kinds.
        package var metadata: String?

        package init(
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
    package struct EarlierRevision: Sendable {
        /// The owner's words.
        package var request: String
        /// How far back it reached; nil if it did not get that far.
        package var scope: String?
        /// The `status` column of `revisions`.
        package var status: String

        package init(request: String, scope: String?, status: String) {
            self.request = request
            self.scope = scope
            self.status = status
        }
    }

    /// As its owner wrote it; every prompt begins with it.
    package var taskTitle: String
    /// As its owner wrote it: 20 to 10,000 characters.
    package var taskDescription: String
    /// The object that its owner added, as JSON text; nil if there is none.
    package var taskContext: String?
    /// Subtasks of the task's current plan, in order.
    package var subtasks: [Subtask]
    /// Solutions by the step that wrote them.
    package var solutions: [Int: Solution]
    /// Managers' answers, JSON text, by step.
    package var results: [Int: String]
    /// Oldest first; only for the scoping of another one.
    package var earlierRevisions: [EarlierRevision]

    /// The task alone; the rest is added as the step refers to it.
    package init(
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
