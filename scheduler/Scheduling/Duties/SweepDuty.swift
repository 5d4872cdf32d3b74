import AsyncPrimitives
import FleetCore
import FleetMetrics
import Logging
import Synchronization

/// Looks for lost work once in a while and gives it back; counts what waits and runs on the way.
final class SweepDuty: Sendable {
    /// A longer pause between two looks at the rows means that they could not be reached.
    private static let longestGap: Duration = .seconds(2)
    /// Workers come back within a second after an outage; then several heartbeats.
    private static let heartbeatGrace: Duration = .seconds(3)

    private struct State {
        var database: UnbrokenContact
        /// The broker may have lost every ticket.
        var mustReissueTickets = false
    }

    private let store: any WorkflowStore
    private let publisher: any TicketPublisher
    private let load: FleetLoad
    private let canaries: WaitingCanaries
    private let metrics: SchedulerMetrics
    private let rounds: Rounds
    private let policy: SweepPolicy
    private let interval: Duration
    private let state: Mutex<State>

    /// - Parameters:
    ///   - policy: each sweep fills in the queue depths itself.
    ///   - interval: pause between two sweeps.
    init(
        store: any WorkflowStore, publisher: any TicketPublisher, load: FleetLoad,
        canaries: WaitingCanaries = WaitingCanaries(), metrics: SchedulerMetrics, rounds: Rounds, policy: SweepPolicy,
        interval: Duration
    ) {
        self.store = store
        self.publisher = publisher
        self.load = load
        self.canaries = canaries
        self.metrics = metrics
        self.rounds = rounds
        self.policy = policy
        self.interval = interval
        state = Mutex(State(database: UnbrokenContact(longestGap: interval + Self.longestGap)))
    }

    /// All tickets that are outstanding are issued again by the next sweep; one too many is forgotten by its worker.
    func brokerReturned() {
        state.withLock { $0.mustReissueTickets = true }
    }

    /// - Parameter onFind: lost work was given back.
    func run(onFind: @escaping @Sendable () -> Void) async {
        while !rounds.areOver {
            await rounds.attempt(.sweep) {
                if let report = try await runOnce(), !report.isEmpty { onFind() }
            }
            try? await rounds.time.sleep(for: interval)
        }
    }

    /// - Returns: nil if nobody may be taken for dead yet, or another scheduler sweeps.
    func runOnce() async throws -> SweepReport? {
        let queues = try await store.load()
        state.withLock { $0.database.heard(at: rounds.time.now) }
        load.count(queues)
        metrics.load(queues)
        metrics.showSuccessRate(at: rounds.time.now)
        // After a start or an outage of the database the workers' heartbeats are as old as the outage: they get the time for
        // a few before anybody counts as dead, or live work would be taken over and paid twice. The time counts from the
        // database's return, which a call may have waited for: not from when it was missed.
        let now = rounds.time.now
        guard state.withLock({ $0.database.isSteady(for: Self.heartbeatGrace, at: now) }) else { return nil }
        var policy = policy
        policy.queueDepths = await queueDepths()
        metrics.queueMessages(policy.queueDepths)
        let start = rounds.time.now
        let reissues = state.withLock { $0.mustReissueTickets } && !policy.queueDepths.isEmpty
        if reissues {
            policy.queueDepths = policy.queueDepths.mapValues { _ in 0 }
            policy.ticketGrace = .zero
        }
        let report = try await store.sweep(policy)
        state.withLock { $0.database.heard(at: rounds.time.now) }
        guard let report else { return nil }
        if reissues { state.withLock { $0.mustReissueTickets = false } }
        metrics.swept(report, duration: rounds.time.now - start)
        if !report.isEmpty { tell(report) }
        return report
    }

    /// Without an answer from the broker no ticket counts as lost; leases and wake-ups are looked at anyway.
    private func queueDepths() async -> [String: Int] {
        do {
            return canaries.tickets(of: try await publisher.queueDepths())
        } catch {
            rounds.logger.debug("the broker does not say how full its queues are", metadata: ["error": "\(error)"])
            return [:]
        }
    }

    private func tell(_ report: SweepReport) {
        rounds.logger.warning(
            "lost work was found and given back",
            metadata: [
                "taken_over": "\(report.takenOver)", "dead": "\(report.dead)",
                "reissued": "\(report.reissued)", "woken_up": "\(report.wokenUp)",
                "without_agent_type": "\(report.withoutType)",
            ])
    }
}
