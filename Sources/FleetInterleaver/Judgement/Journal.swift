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

    struct Pause {
        var scope: Hold.Scope
        /// From this turn on it was confirmed.
        var began: Int
        /// From this turn on it may be lifted.
        var ended: Int?
    }

    struct Dispatch {
        var stepID: Int
        var taskID: String
        var agentType: String
        var began: Int
        var ended: Int
    }

    struct Content {
        var accepted: [String] = []
        /// Of the tasks, by task.
        var users: [String: String] = [:]
        var claims: [Claim] = []
        var settlings: [Settling] = []
        var cancellations: [Cancellation] = []
        /// Revisions by task, with the scope that was asked for.
        var revisions: [(id: String, taskID: String, scope: RevisionScope?)] = []
        /// Workers whose leases may be taken, and attempts that called and were never settled.
        var disturbed: Set<Int> = []
        var called: Set<Attempt> = []
        /// Attempts whose workers died with them when the parties had ended.
        var abandoned: Set<Attempt> = []
        /// Tasks whose owner asked for something after they were submitted, or whose steps did not end well.
        var touched: Set<String> = []
        var pauses: [Pause] = []
        var dispatches: [Dispatch] = []
        /// Steps, as the purges' answers counted them.
        var purged = 0
        /// Errors that reached a caller and that none of them may get.
        var errors: [String] = []
    }

    private let content = Mutex(Content())

    func accept(_ task: NewTask) {
        write {
            $0.accepted.append(task.id)
            $0.users[task.id] = task.userID
        }
    }

    func write(_ change: (inout Content) -> Void) {
        content.withLock { change(&$0) }
    }

    var all: Content { content.withLock { $0 } }
    var accepted: [String] { content.withLock { $0.accepted } }
}
