import FleetCore
import Synchronization

/// What the parties did and were told, in the order of their turns.
final class Journal: Sendable {
    struct Attempt: Hashable {
        var stepID: Int
        var number: Int
    }

    struct Claim {
        var attempt: Attempt
        var worker: Int
        var taskID: String
        /// Turns at which the claim began and had its answer.
        var began: Int
        var ended: Int
        /// The worker never got to know of it.
        var isUnheard: Bool
    }

    struct Settling {
        var attempt: Attempt
        var worker: Int
        var taskID: String
        var outcome: StepOutcome
        var calls: Int
        var began: Int
        var result: SettlementResult
    }

    struct Cancellation {
        var taskID: String
        var what: TaskChange.Cancelled
        var at: Int
    }

    struct Content {
        var accepted: [String] = []
        var claims: [Claim] = []
        var settlings: [Settling] = []
        var cancellations: [Cancellation] = []
        /// Revisions by task, with the scope that was asked for.
        var revisions: [(id: String, taskID: String, scope: RevisionScope?)] = []
        /// Workers whose leases may be taken, and attempts that called and were never settled.
        var disturbed: Set<Int> = []
        var called: Set<Attempt> = []
        /// Tasks whose owner asked for something after they were submitted, or whose steps did not end well.
        var touched: Set<String> = []
        /// Errors that reached a caller and that none of them may get.
        var errors: [String] = []
    }

    private let content = Mutex(Content())

    func write(_ change: (inout Content) -> Void) {
        content.withLock { change(&$0) }
    }

    var all: Content { content.withLock { $0 } }
    var accepted: [String] { content.withLock { $0.accepted } }
}
