/// What a worker asks for: the step of a ticket.
package struct ClaimRequest: Sendable {
    /// Of the row in `steps`, as the ticket names it.
    package var stepID: Int
    /// The broker delivered this ticket before: its first consumer may have died.
    package var isRedelivered: Bool

    /// Made of a ticket as it was received.
    package init(stepID: Int, isRedelivered: Bool) {
        self.stepID = stepID
        self.isRedelivered = isRedelivered
    }
}

/// What became of a claim.
package enum ClaimResult: Sendable {
    case claimed(ClaimedStep)
    /// Not claimable: done, cancelled, parked, or held by a live worker. The ticket can be forgotten.
    case notClaimable
    /// Running at a worker that may be dead: ask again in a moment. The number changes with its heartbeats.
    case heldByQuietWorker(lastHeartbeat: Int)
}

/// A step under this worker's lease, with everything its prompt is made of.
package struct ClaimedStep: Sendable {
    /// Of the row in `steps`; the settlement names it.
    package var stepID: Int
    /// Fences every later write (I3).
    package var attempt: Int
    /// What is asked; chooses prompt, schema and how the answer is read.
    package var kind: StepKind
    /// Whose prompts, models and deadline apply.
    package var agentType: String
    /// The task it belongs to: for the prompt and the ledger.
    package var taskID: String
    /// The subtask to solve or to review; nil for a step of the task as a whole.
    package var subtaskID: String?
    /// Failures so far that count against the retries.
    package var failures: Int
    /// Rate limits of providers met so far, which do not.
    package var throttles: Int
    /// It waited for a reserved turn in a rate limit, and that has come.
    package var holdsTurn: Bool
    /// From the moment that it could run to its claim; nil: not known.
    package var waited: Duration?
    /// It was another worker's that is gone.
    package var isTakenOver: Bool
    /// Which of the texts in `material` the prompt shows, and as what.
    package var input: StepInput
    /// Loaded with the claim: running the step reads no more rows.
    package var material: PromptMaterial

    package init(
        stepID: Int, attempt: Int, kind: StepKind, agentType: String, taskID: String, subtaskID: String?,
        failures: Int, throttles: Int, holdsTurn: Bool, waited: Duration? = nil,
        isTakenOver: Bool = false, input: StepInput, material: PromptMaterial
    ) {
        self.stepID = stepID
        self.attempt = attempt
        self.kind = kind
        self.agentType = agentType
        self.taskID = taskID
        self.subtaskID = subtaskID
        self.failures = failures
        self.throttles = throttles
        self.holdsTurn = holdsTurn
        self.waited = waited
        self.isTakenOver = isTakenOver
        self.input = input
        self.material = material
    }
}
