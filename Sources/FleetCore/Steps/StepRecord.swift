package import JSON

/// A step that the task or one of its subtasks waits for.
package struct StepRecord: Sendable, Equatable {
    /// Of the row in `steps`; the task or a subtask points at it.
    package var id: Int
    /// What was asked; decides how its outcome is applied.
    package var kind: StepKind
    /// If it is terminal, its outcome has not been applied yet.
    package var state: StepState
    /// The validated answer of a manager's step, as JSON; other answers stay in `solutions`.
    package var output: JSONValue?
    /// Why it failed: safe to show.
    package var error: String?
    /// How the solution of an execution begins, at most ``previewLength`` characters; nil without a solution.
    package var preview: String?

    /// Characters of a solution that events show.
    package static let previewLength = 200

    package init(
        id: Int, kind: StepKind, state: StepState, output: JSONValue? = nil, error: String? = nil,
        preview: String? = nil
    ) {
        self.id = id
        self.kind = kind
        self.state = state
        self.output = output
        self.error = error
        self.preview = preview
    }
}
