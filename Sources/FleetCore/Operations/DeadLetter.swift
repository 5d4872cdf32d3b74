/// A piece of work that was given up, with all that is known about it.
package struct DeadLetter: Sendable, Equatable {
    /// An attempt that failed.
    package struct Failure: Sendable, Equatable {
        package var attempt: Int
        /// In microseconds since 1970-01-01 UTC.
        package var at: Int
        package var worker: String?
        package var error: String

        package init(attempt: Int, at: Int, worker: String?, error: String) {
            self.attempt = attempt
            self.at = at
            self.worker = worker
            self.error = error
        }
    }

    /// A call that an attempt made.
    package struct Call: Sendable, Equatable {
        package var attempt: Int
        package var at: Int
        package var provider: String
        package var model: String
        package var outcome: String
        package var httpStatus: Int?
        package var requestID: String?
        package var inputTokens: Int?
        package var outputTokens: Int?
        /// Proved, else expected.
        package var cost: Decimal6?
        /// The cost is expected, not proved.
        package var isEstimate: Bool

        package init(
            attempt: Int, at: Int, provider: String, model: String, outcome: String, httpStatus: Int?,
            requestID: String?, inputTokens: Int?, outputTokens: Int?, cost: Decimal6?, isEstimate: Bool
        ) {
            self.attempt = attempt
            self.at = at
            self.provider = provider
            self.model = model
            self.outcome = outcome
            self.httpStatus = httpStatus
            self.requestID = requestID
            self.inputTokens = inputTokens
            self.outputTokens = outputTokens
            self.cost = cost
            self.isEstimate = isEstimate
        }
    }

    package var id: Int
    package var fingerprint: String
    /// Why it is dead: `retries_exhausted`, `failed`, `crash_loop`, `unreadable`, what the broker said of a ticket, ...
    package var reason: String
    package var errorCode: String
    package var error: String?
    package var agentType: String
    package var kind: String?
    package var taskID: String?
    package var subtaskID: String?
    package var stepID: Int?
    package var attempt: Int?
    package var model: String?
    package var promptVersion: String?
    /// The step's input, or the ticket's body, as JSON text.
    package var payload: String?
    /// What the broker says of a ticket's way, as JSON text.
    package var deaths: String?
    package var replays: Int
    package var operationID: String?
    package var replayState: ReplayState?
    package var replayNote: String?
    /// In microseconds since 1970-01-01 UTC.
    package var createdAt: Int
    package var resolvedAt: Int?
    package var resolution: String?
    package var failures: [Failure] = []
    package var calls: [Call] = []

    package init(
        id: Int, fingerprint: String, reason: String, errorCode: String, error: String?, agentType: String,
        kind: String?,
        taskID: String?, subtaskID: String?, stepID: Int?, attempt: Int?, model: String?, promptVersion: String?,
        payload: String?, deaths: String?, replays: Int, operationID: String?, replayState: ReplayState?,
        replayNote: String?, createdAt: Int, resolvedAt: Int?, resolution: String?
    ) {
        self.id = id
        self.fingerprint = fingerprint
        self.reason = reason
        self.errorCode = errorCode
        self.error = error
        self.agentType = agentType
        self.kind = kind
        self.taskID = taskID
        self.subtaskID = subtaskID
        self.stepID = stepID
        self.attempt = attempt
        self.model = model
        self.promptVersion = promptVersion
        self.payload = payload
        self.deaths = deaths
        self.replays = replays
        self.operationID = operationID
        self.replayState = replayState
        self.replayNote = replayNote
        self.createdAt = createdAt
        self.resolvedAt = resolvedAt
        self.resolution = resolution
    }
}
