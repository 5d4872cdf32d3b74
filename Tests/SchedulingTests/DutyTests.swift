import AsyncPrimitives
import FleetCore
import FleetMetrics
import FleetTesting
import FleetTracing
import Logging
import Synchronization
import Testing

@testable import Scheduling

/// The scheduler's duties, one round at a time, on a clock that stands still.
@Suite(.timeLimit(.minutes(1))) struct DutyTests {
    /// Time passes when the test says so; whoever sleeps lets it pass.
    private final class HandClock: Timekeeper {
        private let time = Mutex(Duration.zero)
        var now: Duration { time.withLock { $0 } }
        func pass(_ duration: Duration) { time.withLock { $0 += duration } }
        func sleep(for duration: Duration) async throws {
            try Task.checkCancellation()
            pass(duration)
        }
    }

    private let clock = HandClock()
    private let store = ScriptedStore()
    private let broker = ScriptedBroker()
    private let load = FleetLoad()

    private var rounds: Rounds {
        Rounds(
            stopped: OneShot(), metrics: .none, time: clock,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    private var issuer: TicketIssuer {
        TicketIssuer(
            store: store, publisher: broker, metrics: .none, time: clock, logger: rounds.logger)
    }

    private func sweeps() -> SweepDuty {
        SweepDuty(
            store: store, publisher: broker, load: load, metrics: .none, rounds: rounds,
            policy: SweepPolicy(), interval: .seconds(1))
    }

    private func ticket(_ id: Int, _ type: String) -> Ticket {
        Ticket(stepID: id, taskID: "task_1", subtaskID: nil, agentType: type, attempt: 0, priority: .medium)
    }

    /// Rounds, a second apart.
    private func run(_ duty: SweepDuty, rounds: Int) async throws {
        for _ in 0..<rounds {
            _ = try await duty.runOnce()
            clock.pass(.seconds(1))
        }
    }

    private var policies: [SweepPolicy] { store.script.withLock(\.sweeps) }

    // MARK: Sweep

    @Test func afterAStartAndAfterAnOutageHeartbeatsGetTheirTime() async throws {
        let duty = sweeps()
        try await run(duty, rounds: 3)
        #expect(policies.isEmpty)
        try await run(duty, rounds: 1)
        #expect(policies.count == 1)
        clock.pass(.seconds(45))
        try await run(duty, rounds: 3)
        #expect(policies.count == 1)
        try await run(duty, rounds: 1)
        #expect(policies.count == 2)
    }

    @Test func withoutAnAnswerFromTheBrokerNoTicketCountsAsLost() async throws {
        broker.script.withLock { $0.depths = nil }
        let duty = sweeps()
        duty.brokerReturned()
        try await run(duty, rounds: 4)
        #expect(policies.map(\.queueDepths) == [[:]])
        #expect(policies.map(\.ticketGrace) == [SweepPolicy().ticketGrace])
    }

    /// Once: as soon as a sweep has done it.
    @Test func afterTheBrokersReturnEveryTicketIsIssuedAgain() async throws {
        let duty = sweeps()
        duty.brokerReturned()
        // Another scheduler sweeps.
        store.script.withLock { $0.sweep = nil }
        try await run(duty, rounds: 4)
        store.script.withLock { $0.sweep = SweepReport() }
        try await run(duty, rounds: 2)
        #expect(policies.map(\.queueDepths) == [["manager": 0], ["manager": 0], ["manager": 5]])
        #expect(policies.map(\.ticketGrace) == [.zero, .zero, SweepPolicy().ticketGrace])
    }

    @Test func whatWaitsIsCountedByTypeEvenIfNobodySweeps() async throws {
        store.script.withLock { script in
            script.loads = [
                QueueLoad(agentType: "manager", state: .ready, steps: 3),
                QueueLoad(agentType: "manager", state: .running, steps: 2),
                QueueLoad(agentType: "analyst", state: .parked, steps: 1),
            ]
        }
        try await run(sweeps(), rounds: 1)
        #expect(load.current == ["manager": 5, "analyst": 1])
    }

    // MARK: Dispatch and parked steps

    @Test func aDispatchThatTheBrokerRefusesIsUndone() async throws {
        store.script.withLock { $0.dispatches = [[ticket(1, "manager"), ticket(2, "legal")]] }
        broker.script.withLock { $0.refusedTypes = ["legal"] }
        let duty = DispatchDuty(store: store, issuer: issuer, rounds: rounds, limit: 10)
        let result = try await duty.runOnce()
        #expect(result == (2, 1))
        #expect(broker.script.withLock(\.published) == [1])
        #expect(store.script.withLock(\.undone) == [2])
    }

    @Test func parkedStepsThatAreReadyAgainAreDispatchedAndReservedOnesGoOut() async throws {
        let nudge = Nudge()
        store.script.withLock { script in
            script.parked = [ParkedReport(released: 2, tickets: [ticket(7, "manager")], nextDue: nil)]
        }
        let duty = ParkedDuty(store: store, issuer: issuer, rounds: rounds, tick: .milliseconds(250), dispatch: nudge)
        try await duty.runOnce()
        nudge.close()
        #expect(await nudge.all.reduce(0) { count, _ in count + 1 } == 1)
        #expect(broker.script.withLock(\.published) == [7])
    }

    // MARK: TaskTransition

    @Test func stepsThatDidNotGoOutAlongAreDispatched() async throws {
        for (newSteps, nudges) in [(2, 1), (1, 0)] {
            var report = AdvanceReport()
            (report.wakeUps, report.advanced, report.newSteps) = (1, 1, newSteps)
            report.tickets = [ticket(1, "manager")]
            store.script.withLock { $0.advances = [report] }
            let dispatch = Nudge()
            let duty = AdvanceDuty(
                store: store, workflow: Workflow(catalogue: TestCatalogue.agents), load: load, issuer: issuer,
                announcer: EventAnnouncer(publisher: broker, metrics: .none, time: clock), metrics: .none, spans: .none,
                rounds: rounds, limit: 10,
                dispatchLimit: 10, backlog: Nudge(), dispatch: dispatch)
            #expect(try await duty.runOnce().newSteps == newSteps)
            dispatch.close()
            #expect(await dispatch.all.reduce(0) { count, _ in count + 1 } == nudges)
        }
    }

    // MARK: Dead tickets

    private final class OneBatch: TicketSource {
        let tickets: AsyncStream<[ReceivedTicket]>
        let acknowledged = Mutex<[DeliveryID]>([])

        init(_ batch: [ReceivedTicket]) {
            tickets = AsyncStream { output in
                output.yield(batch)
                output.finish()
            }
        }

        func setConsuming(_ demand: TicketDemand) async {}
        func acknowledge(_ deliveries: [DeliveryID]) { acknowledged.withLock { $0 += deliveries } }
        func requeue(_ deliveries: [DeliveryID]) {}
        func reject(_ deliveries: [DeliveryID]) {}
    }

    @Test func aDeadTicketIsARowBeforeItIsAcknowledgedHoweverLongThatTakes() async throws {
        store.script.withLock { $0.failures = 3 }
        let ticket = ReceivedTicket(
            delivery: DeliveryID(generation: 1, tag: 1), queue: "agent.legal.dead", body: [], isRedelivered: false)
        let source = OneBatch([ticket])
        let rounds = rounds
        let recorder = DeadTicketRecorder(
            store: store, source: source, metrics: .none, rounds: rounds)
        await recorder.record()
        #expect(store.script.withLock { $0.dead.map(\.queue) } == ["agent.legal.dead"])
        #expect(source.acknowledged.withLock { $0 } == [ticket.delivery])
        // Three pauses, each twice as long as the one before.
        #expect(clock.now == .milliseconds(700))
    }

    /// A worker of an older version may refuse one.
    @Test func aDeadCanaryIsNoDeadLetter() async throws {
        let canary = ReceivedTicket(
            delivery: DeliveryID(generation: 1, tag: 1), queue: "agent.legal.dead",
            body: Array(Canary(agentType: "legal", number: 3).json.utf8), isRedelivered: false)
        let source = OneBatch([canary])
        await DeadTicketRecorder(store: store, source: source, metrics: .none, rounds: rounds).record()
        #expect(store.script.withLock { $0.dead.isEmpty })
        #expect(source.acknowledged.withLock { $0 } == [canary.delivery])
    }
}
