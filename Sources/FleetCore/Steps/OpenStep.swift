/// A step that is not finished.
package struct OpenStep: Sendable, Equatable {
    package var id: Int
    /// What its agent is asked for.
    package var kind: StepKind
    /// Whose queue it is in, or who works on it.
    package var agentType: String
    /// Nil for a step of the task as a whole.
    package var subtaskID: String?
    /// Ready, dispatched, running or parked.
    package var state: StepState
    /// Claims so far; 0 before the first.
    package var attempt: Int
    /// Why a parked step waits: a ``StepOutcome/WaitReason``, as it is stored.
    package var waitReason: String?
    /// Until when it waits, microseconds since 1970-01-01 UTC.
    package var notBefore: Int?

    package init(
        id: Int, kind: StepKind, agentType: String, subtaskID: String?, state: StepState, attempt: Int,
        waitReason: String?, notBefore: Int?
    ) {
        self.id = id
        self.kind = kind
        self.agentType = agentType
        self.subtaskID = subtaskID
        self.state = state
        self.attempt = attempt
        self.waitReason = waitReason
        self.notBefore = notBefore
    }
}
