import FleetCore
import FleetMetrics
import FleetSimulation
import FleetTesting
import Logging
import Scheduling
import Synchronization
import Testing

/// When the scheduler may conclude from a worker's silence that it is dead.
@Suite(.timeLimit(.minutes(1))) struct SweepGraceTests {
    /// A database that is away at certain looks at the load, inside the call, as the pool waits for it. Nothing else has
    /// anything to say.
    private final class AbsentStore: WorkflowStore {
        let world: VirtualTime
        /// The number of the look, and how long it waits.
        let outages: [Int: Duration]
        private let looks = Mutex(0)
        private let heardSince = Mutex(Duration.zero)
        /// How long the database had been there at each sweep.
        let sweeps = Mutex<[Duration]>([])

        init(world: VirtualTime, outages: [Int: Duration]) {
            self.world = world
            self.outages = outages
        }

        func load() async throws(StoreFailure) -> [QueueLoad] {
            let look = looks.withLock { looks in
                looks += 1
                return looks
            }
            if let outage = outages[look] {
                try? await world.sleep(for: outage)
                heardSince.withLock { $0 = world.now }
            }
            return []
        }

        func sweep(_ policy: SweepPolicy) async throws(StoreFailure) -> SweepReport? {
            let age = world.now - heardSince.withLock { $0 }
            sweeps.withLock { $0.append(age) }
            return SweepReport()
        }

        func advance(
            limit: Int, dispatchLimit: Int, _ decide: @escaping Decision
        ) async throws(StoreFailure) -> AdvanceReport { AdvanceReport() }
        func dispatch(limitPerQueue: Int) async throws(StoreFailure) -> [Ticket] { [] }
        func undoDispatch(stepIDs: [Int]) async throws(StoreFailure) {}
        func releaseParked(limit: Int) async throws(StoreFailure) -> ParkedReport {
            ParkedReport(released: 0, tickets: [], nextDue: nil)
        }
        func register(_ agents: [AgentSpec], bounds: AttemptBounds) async throws(StoreFailure) {}
        func recordDeadTicket(_ ticket: ReceivedTicket, reason: String) async throws(StoreFailure) {}
    }

    private struct NoBroker: TicketPublisher, TicketSource {
        let tickets = AsyncStream<[ReceivedTicket]> { _ in }

        func publish(_ tickets: [Ticket]) async -> [Int] { [] }
        func queueDepths() async throws -> [String: Int] { [:] }
        func hasListeners() async -> Bool? { false }
        func announce(_ events: [EventBatch]) async -> Bool { true }
        func setConsuming(_ demand: TicketDemand) async {}
        func acknowledge(_ deliveries: [DeliveryID]) {}
        func requeue(_ deliveries: [DeliveryID]) {}
        func reject(_ deliveries: [DeliveryID]) {}
    }

    /// The grace counts from the database's return, which the look itself may have waited for: a sweep at once would take
    /// every worker for dead whose heartbeat comes a moment later.
    @Test(arguments: [1, 7]) func nobodyIsDeadBeforeItCouldBeHeard(look: Int) {
        let world = VirtualTime(seed: 1)
        let store = AbsentStore(world: world, outages: [look: .seconds(45)])
        let scheduler = Scheduler(
            catalogue: TestCatalogue.agents, bounds: TestCatalogue.bounds, store: store, publisher: NoBroker(),
            deadTickets: NoBroker(), metrics: .none, time: world,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let isOver = Mutex(false)
        Task(executorPreference: world) {
            try? await scheduler.run()
            isOver.withLock { $0 = true }
        }
        world.run(until: { store.sweeps.withLock { $0.count >= 12 } }, limit: .seconds(300))
        scheduler.stop()
        world.run(until: { isOver.withLock { $0 } }, limit: .seconds(600))
        let sweeps = store.sweeps.withLock { $0 }
        #expect(sweeps.count >= 12)
        #expect(sweeps.allSatisfy { $0 >= .seconds(3) }, "\(sweeps)")
    }

    @Test func contactIsSteadyOnlyWithoutABreak() {
        var contact = UnbrokenContact(longestGap: .seconds(2))
        #expect(!contact.isSteady(for: .zero, at: .zero))
        for second in 0...3 { contact.heard(at: .seconds(second)) }
        #expect(contact.isSteady(for: .seconds(3), at: .seconds(3)))
        #expect(!contact.isSteady(for: .seconds(4), at: .seconds(3)))
        // Nothing was heard since: what one knows is old.
        #expect(!contact.isSteady(for: .seconds(3), at: .seconds(6)))
        contact.heard(at: .seconds(6))
        #expect(!contact.isSteady(for: .seconds(1), at: .seconds(6)))
        contact.heard(at: .seconds(7))
        #expect(contact.isSteady(for: .seconds(1), at: .seconds(7)))
    }
}
