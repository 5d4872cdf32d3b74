import FleetCore
import FleetTesting
import Logging
import Scheduling
import Synchronization
import Testing

/// When the scheduler may conclude from a worker's silence that it is dead.
@Suite(.timeLimit(.minutes(1))) struct SweepGraceTests {
    /// Goes on by what is slept, at once.
    private final class HastyClock: Timekeeper {
        private let time = Mutex(Duration.zero)

        var now: Duration { time.withLock { $0 } }
        func pass(_ duration: Duration) { time.withLock { $0 += duration } }
        func sleep(for duration: Duration) async throws {
            try Task.checkCancellation()
            pass(duration)
            await Task.yield()
        }
    }

    /// A database that is away at certain looks at the load, inside the call, as the pool waits for it. Nothing else has
    /// anything to say.
    private final class AbsentStore: WorkflowStore {
        let clock: HastyClock
        /// The number of the look, and how long it waits.
        let outages: [Int: Duration]
        private let looks = Mutex(0)
        private let heardSince = Mutex(Duration.zero)
        let sweeps: AsyncStream<Duration>
        private let swept: AsyncStream<Duration>.Continuation

        init(clock: HastyClock, outages: [Int: Duration]) {
            self.clock = clock
            self.outages = outages
            (sweeps, swept) = AsyncStream.makeStream()
        }

        func load() async throws -> [QueueLoad] {
            let look = looks.withLock { looks in
                looks += 1
                return looks
            }
            if let outage = outages[look] {
                clock.pass(outage)
                heardSince.withLock { $0 = clock.now }
            }
            return []
        }

        /// Tells how long the database has been there.
        func sweep(_ policy: SweepPolicy) async throws -> SweepReport? {
            swept.yield(clock.now - heardSince.withLock { $0 })
            return SweepReport()
        }

        func advance(
            limit: Int, dispatchLimit: Int,
            _ decide: @escaping @Sendable (TaskSnapshot, @escaping @Sendable () -> Int) -> Advance?
        ) async throws -> AdvanceReport { AdvanceReport() }
        func dispatch(limitPerQueue: Int) async throws -> [Ticket] { [] }
        func undoDispatch(stepIDs: [Int]) async throws {}
        func releaseParked(limit: Int) async throws -> ParkedReport {
            ParkedReport(released: 0, tickets: [], nextDue: nil)
        }
        func register(_ agents: [AgentSpec], bounds: AttemptBounds) async throws {}
        func recordDeadTicket(_ body: [UInt8], queue: String, reason: String) async throws {}
    }

    private struct NoBroker: TicketPublisher, TicketSource {
        let tickets = AsyncStream<[ReceivedTicket]> { _ in }

        func publish(_ tickets: [Ticket]) async -> [Int] { [] }
        func queueDepths() async throws -> [String: Int] { [:] }
        func announce(_ events: [(taskID: String, json: String)]) async {}
        func setConsuming(_ demand: TicketDemand) async {}
        func acknowledge(_ deliveries: [DeliveryID]) {}
        func requeue(_ deliveries: [DeliveryID]) {}
        func reject(_ deliveries: [DeliveryID]) {}
    }

    /// The grace counts from the database's return, which the look itself may have waited for: a sweep at once would take
    /// every worker for dead whose heartbeat comes a moment later.
    @Test(arguments: [1, 7]) func nobodyIsDeadBeforeItCouldBeHeard(look: Int) async {
        let clock = HastyClock()
        let store = AbsentStore(clock: clock, outages: [look: .seconds(45)])
        let scheduler = Scheduler(
            catalogue: TestCatalogue.agents, bounds: TestCatalogue.bounds, store: store, publisher: NoBroker(),
            deadTickets: NoBroker(), metrics: NoSchedulerMetrics(), time: clock,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await scheduler.run() }
            var seen = 0
            for await age in store.sweeps {
                #expect(age >= .seconds(3), "a sweep \(age) after the database was back")
                seen += 1
                if seen == 12 { break }
            }
            scheduler.stop()
            group.cancelAll()
        }
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
