import AsyncPrimitives
import FleetCore
import FleetMetrics
import FleetTracing
import Logging
import Synchronization

/// Writes outcomes, however long the database is away: a paid answer is not thrown away while the process lives.
///
/// What ends at the same moment is written together. An outcome that the database refuses for what is in it would be refused
/// for ever: the step becomes a dead letter that says so, and what was paid goes into the ledger.
final class Settler: Sendable {
    private typealias Settlements = Batcher<Settlement, Result<SettlementResult, StoreFailure>>

    /// What became of a settlement.
    enum Ending {
        /// As it was written at last.
        case written(Settlement, SettlementResult)
        /// The step's row is gone with the worker's: nothing is left to write to.
        case pointless
        /// The worker was broken off before.
        case brokenOff
    }

    private static let batchLimit = 256
    private static let outageLogInterval: Duration = .seconds(5)
    private static let firstPause: Duration = .milliseconds(50)
    private static let longestPause: Duration = .seconds(2)

    private let metrics: WorkerMetrics
    private let time: any Timekeeper
    private let logger: Logger
    /// The database has lost the worker's row.
    private let isForgotten: @Sendable () -> Bool
    private let settlements: Settlements
    private let outage: OutageLog

    /// ``run()`` has to run for anything to be written.
    init(
        store: any StepStore, worker id: Int, metrics: WorkerMetrics, time: any Timekeeper, logger: Logger,
        isForgotten: @escaping @Sendable () -> Bool
    ) {
        self.metrics = metrics
        self.time = time
        self.logger = logger
        self.isForgotten = isForgotten
        let outage = OutageLog(interval: Self.outageLogInterval, time: time, logger: logger)
        self.outage = outage
        settlements = Settlements(limit: Self.batchLimit, delay: .zero) {
            await Self.write($0, store, worker: id, outage)
        }
    }

    /// Writes until ``finish()``, and what waits then.
    func run() async { await settlements.run() }

    /// Nothing comes any more.
    func finish() { settlements.finish() }

    /// Returns when the outcome is written, or nobody will ever write it.
    func settle(_ settlement: Settlement) async -> Ending {
        let start = time.now
        outage.begin()
        metrics.settlementBegan()
        defer {
            outage.end()
            metrics.settlementEnded(after: time.now - start)
        }
        var settlement = settlement
        var refusals = 0
        var pause = Self.firstPause
        while true {
            do {
                return .written(settlement, try await settlements.submit(settlement).get())
            } catch {
                if let failure = error as? StoreFailure { metrics.settleFailed(failure.kind) }
                guard !isForgotten() else { return .pointless }
                guard !Task.isCancelled else { return .brokenOff }
                if let failure = error as? StoreFailure, failure.kind == .refusal, refusals < 2 {
                    refusals += 1
                    tell(failure, of: settlement, refusals: refusals)
                    settlement.becomeDead(failure, refusals: refusals)
                    continue
                }
                try? await time.sleep(for: pause)
                pause = min(pause * 2, Self.longestPause)
            }
        }
    }

    private func tell(_ error: StoreFailure, of settlement: Settlement, refusals: Int) {
        let fields = TaskLogFields.of(
            task: settlement.taskID, step: settlement.stepID, attempt: settlement.attempt)
        logger.error(
            "the database refuses an outcome", metadata: fields.merging(["error": "\(error.message)"]) { $1 })
        guard refusals == 2 else { return }
        metrics.callsUnbooked(settlement.calls.count)
        logger.critical(
            "calls cannot be booked",
            metadata: fields.merging(["calls": "\(settlement.calls)"]) { $1 })
    }

    /// Writes a batch; if it cannot be written as a whole, each settlement by itself, so that one that the database
    /// refuses does not hold up the others.
    private static func write(
        _ batch: [Settlement], _ store: any StepStore, worker id: Int, _ outage: OutageLog
    ) async -> [Result<SettlementResult, StoreFailure>] {
        do throws(StoreFailure) {
            return try await store.settle(batch, worker: id).map { .success($0) }
        } catch {
            let isOutage = error.kind == .outage || error.kind == .outcomeUnknown
            guard batch.count > 1, !isOutage else {
                // Of a refusal the settlement itself tells.
                if error.kind != .refusal { outage.tell(error) }
                return batch.map { _ in .failure(error) }
            }
            var results: [Result<SettlementResult, StoreFailure>] = []
            for settlement in batch { results += await write([settlement], store, worker: id, outage) }
            return results
        }
    }
}

extension Settlement {
    /// What is left of an outcome that the database does not take: at first its calls without the providers' texts, and if
    /// those are refused as well, nothing of them.
    fileprivate mutating func becomeDead(_ error: StoreFailure, refusals: Int) {
        if refusals == 2 {
            calls = []
            isComplete = false
        }
        outcome = .dead(error: "the database does not take the outcome: \(error.message)")
        for index in calls.indices {
            calls[index].providerRequestID = nil
            calls[index].cuts = nil
        }
    }
}

/// Says once in a while that outcomes wait for the database: hundreds are tried again and again as long as it is away.
private final class OutageLog: Sendable {
    private struct State {
        var waiting = 0
        var tellings: Cadence
    }

    private let time: any Timekeeper
    private let logger: Logger
    private let state: Mutex<State>

    init(interval: Duration, time: any Timekeeper, logger: Logger) {
        state = Mutex(State(tellings: Cadence(every: interval)))
        self.time = time
        self.logger = logger
    }

    func begin() { state.withLock { $0.waiting += 1 } }
    func end() { state.withLock { $0.waiting -= 1 } }

    func tell(_ error: StoreFailure) {
        let now = time.now
        let waiting = state.withLock { state in state.tellings.isDue(at: now) ? state.waiting : nil }
        guard let waiting else { return }
        logger.error(
            "outcomes cannot be written, will be tried again",
            metadata: ["steps_in_hand": "\(waiting)", "error": "\(error)"])
    }
}
