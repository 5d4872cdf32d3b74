import FleetCore
import FleetMetrics
import FleetTesting
import Logging
import Synchronization
import Testing

@testable import Scheduling

/// A queue that takes no tickets holds up its own steps only.
@Suite(.timeLimit(.minutes(1))) struct RefusedQueuesTests {
    private static func ticket(_ id: Int, _ type: String) -> Ticket {
        Ticket(stepID: id, taskID: "task_\(id)", subtaskID: nil, agentType: type, attempt: 0, priority: .medium)
    }

    @Test func theFirstRefusalMayBeAnAccident() {
        var queues = RefusedQueues()
        let (legal, manager) = (Self.ticket(1, "legal"), Self.ticket(2, "manager"))
        func undone(_ refused: [Ticket], at milliseconds: Int) -> [Ticket] {
            queues.undone(refused, at: .milliseconds(milliseconds))
        }
        var seen = [undone([legal, legal], at: 0), undone([legal, manager], at: 250), undone([manager], at: 500)]
        #expect(seen == [[legal, legal], [manager], []])
        // Two seconds later one is tried again, and no more.
        seen = [undone([legal], at: 2000), undone([legal], at: 2250)]
        #expect(seen == [[legal], []])
        queues.forget()
        seen = [undone([legal], at: 2300)]
        #expect(seen == [[legal]])
    }

    /// Rows in memory: steps that are ready, two of a type per round.
    private final class Rows: WorkflowStore {
        private struct State {
            var ready: [Ticket]
            var undone = 0
        }

        private let state: Mutex<State>
        init(_ ready: [Ticket]) { state = Mutex(State(ready: ready)) }

        var undone: Int { state.withLock(\.undone) }

        func dispatch(limitPerQueue: Int) async throws(StoreFailure) -> [Ticket] {
            state.withLock { state in
                var taken: [String: Int] = [:]
                let tickets = state.ready.filter { ticket in
                    taken[ticket.agentType, default: 0] += 1
                    return taken[ticket.agentType, default: 0] <= 2
                }
                let ids = Set(tickets.map(\.stepID))
                state.ready.removeAll { ids.contains($0.stepID) }
                return tickets
            }
        }

        func undoDispatch(stepIDs: [Int]) async throws(StoreFailure) {
            state.withLock { state in
                state.undone += stepIDs.count
                state.ready += stepIDs.map { RefusedQueuesTests.ticket($0, "legal") }
            }
        }

        func advance(
            limit: Int, dispatchLimit: Int, _ decide: @escaping Decision
        ) async throws(StoreFailure) -> AdvanceReport { AdvanceReport() }
        func releaseParked(limit: Int) async throws(StoreFailure) -> ParkedReport {
            ParkedReport(released: 0, tickets: [], nextDue: nil)
        }
        func sweep(_ policy: SweepPolicy) async throws(StoreFailure) -> SweepReport? { nil }
        func load() async throws(StoreFailure) -> [QueueLoad] { [] }
        func register(_ agents: [AgentSpec], bounds: AttemptBounds) async throws(StoreFailure) {}
        func recordDeadTicket(_ ticket: ReceivedTicket, reason: String) async throws(StoreFailure) {}
    }

    /// Takes all but one type's; tells each ticket that it took.
    private final class Broker: TicketPublisher {
        let taken: AsyncStream<Int>
        private let take: AsyncStream<Int>.Continuation
        init() { (taken, take) = AsyncStream.makeStream() }

        func publish(_ tickets: [Ticket]) async -> [Int] {
            for ticket in tickets where ticket.agentType != "legal" { take.yield(ticket.stepID) }
            return tickets.filter { $0.agentType == "legal" }.map(\.stepID)
        }
        func queueDepths() async throws -> [String: Int] { ["manager": 0] }
        func hasListeners() async -> Bool? { false }
        func announce(_ events: [EventBatch]) async -> Bool { true }
    }

    private struct NoDeadTickets: TicketSource {
        let tickets = AsyncStream<[ReceivedTicket]> { $0.finish() }
        func setConsuming(_ demand: TicketDemand) async {}
        func acknowledge(_ deliveries: [DeliveryID]) {}
        func requeue(_ deliveries: [DeliveryID]) {}
        func reject(_ deliveries: [DeliveryID]) {}
    }

    @Test func theRoundGoesOnForTheOthers() async throws {
        let legal = (1...6).map { Self.ticket($0, "legal") }
        let manager = (11...16).map { Self.ticket($0, "manager") }
        let rows = Rows(legal + manager)
        let broker = Broker()
        let scheduler = Scheduler(
            // One tick: what is not done in its round would wait for an hour.
            configuration: Scheduler.Configuration(tick: .seconds(3600)),
            catalogue: TestCatalogue.agents, bounds: TestCatalogue.bounds,
            store: rows, publisher: broker, deadTickets: NoDeadTickets(), metrics: .none,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await scheduler.run() }
            var taken: [Int] = []
            for await id in broker.taken {
                taken.append(id)
                if taken.count == manager.count { break }
            }
            #expect(taken == manager.map(\.stepID))
            group.cancelAll()
            scheduler.stop()
        }
        // One round's worth of the refused queue was written back, not all of it again and again.
        #expect(rows.undone == 2)
    }
}
