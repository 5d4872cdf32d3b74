import FleetCore
import FleetMetrics
import Logging
import Synchronization

/// Says on the rows that this scheduler lives and when each of its duties last came round: a process that is frozen, or a
/// loop that stands, is found by whoever reads it.
final class PulseDuty: Sendable {
    private static let interval: Duration = .seconds(1)

    private let book: any HealthBook
    private let name: String
    private let waiting: WaitingCanaries
    private let rounds: Rounds
    /// The row that the scheduler has now.
    private let row = Mutex<Int?>(nil)

    init(book: any HealthBook, name: String, waiting: WaitingCanaries, rounds: Rounds) {
        self.book = book
        self.name = name
        self.waiting = waiting
        self.rounds = rounds
    }

    func run() async {
        while !rounds.areOver {
            rounds.metrics.turns(turns)
            await rounds.attempt(.pulse) { try await runOnce() }
            try? await rounds.time.sleep(for: Self.interval)
        }
    }

    func runOnce() async throws {
        if let id = row.withLock({ $0 }), let types = try await book.beat(scheduler: id, turns: turns) {
            waiting.replace(types)
        } else {
            let id = try await book.register(scheduler: name)
            row.withLock { $0 = id }
        }
    }

    /// No more duties are carried out.
    func retire() async {
        guard let id = row.withLock({ $0 }) else { return }
        do {
            try await book.retire(scheduler: id)
        } catch {
            // The row goes on as active until its heartbeat is old.
            rounds.logger.warning("the scheduler's row could not be ended", metadata: ["error": "\(error)"])
        }
    }

    private var turns: [SchedulerTurn] { rounds.turns.ages(at: rounds.time.now) }
}
