/// A long piece of operators' work, as its row says: it goes on whoever dies, until it is done or stopped.
package struct OperationRecord: Sendable, Equatable {
    /// What is done.
    package enum Kind: String, Sendable, CaseIterable {
        case replayDeadLetters = "dead_letters.replay"
        /// The failed and partially completed tasks of a batch try their failed parts again.
        case retryBatch = "batch.retry"
    }

    package enum State: String, Sendable, CaseIterable {
        case running
        /// Somebody, or a canary that failed, has stopped it for now.
        case paused
        case done
        case cancelled
        case failed

        package var isTerminal: Bool { self == .done || self == .cancelled || self == .failed }
    }

    package var id: String
    package var kind: Kind
    package var state: State
    /// What it is about, when it began.
    package var matched: Int
    /// Begun, of those: what became of them is in the next three.
    package var begun: Int
    package var done: Int
    package var failed: Int
    /// Nothing was to be done about them any more.
    package var skipped: Int
    /// At most so many are begun in a minute; nil: as fast as it goes.
    package var ratePerMinute: Int?
    /// One goes first; the others only if it succeeds.
    package var hasCanary: Bool
    package var actor: String
    package var reason: String
    /// Microseconds since 1970-01-01 UTC.
    package var createdAt: Int
    package var finishedAt: Int?
    /// Why it was paused or failed.
    package var problem: String?

    package init(
        id: String, kind: Kind, state: State, matched: Int, begun: Int, done: Int, failed: Int, skipped: Int,
        ratePerMinute: Int?, hasCanary: Bool, actor: String, reason: String, createdAt: Int, finishedAt: Int?,
        problem: String?
    ) {
        self.id = id
        self.kind = kind
        self.state = state
        self.matched = matched
        self.begun = begun
        self.done = done
        self.failed = failed
        self.skipped = skipped
        self.ratePerMinute = ratePerMinute
        self.hasCanary = hasCanary
        self.actor = actor
        self.reason = reason
        self.createdAt = createdAt
        self.finishedAt = finishedAt
        self.problem = problem
    }
}
