import AsyncPrimitives
import FleetCore
import FleetMetrics
import Logging
import Synchronization
import Testing

@testable import Scheduling

/// What a scheduler says of itself, and the canaries that it sends.
@Suite(.timeLimit(.minutes(1))) struct SignsOfLifeTests {
    private struct Standstill: Timekeeper {
        var now: Duration { .seconds(100) }
        func sleep(for duration: Duration) async throws { try Task.checkCancellation() }
    }

    /// Rows that are asked for, and a broker that may be away or refuse.
    private final class Script: HealthBook, CanaryPublisher {
        struct State {
            var rows = 0
            var isKnown = true
            var beats: [[SchedulerTurn]] = []
            var retired: [Int] = []
            var noted: [(types: [String], mayBeLost: Bool)] = []
            var withdrawn: [Canary] = []
            var isAway = false
            var refused: Set<String> = []
        }
        struct Away: Error {}

        let state = Mutex(State())

        func register(scheduler name: String) async throws(StoreFailure) -> Int {
            state.withLock { state in
                state.rows += 1
                state.isKnown = true
                return state.rows
            }
        }
        func beat(scheduler id: Int, turns: [SchedulerTurn]) async throws(StoreFailure) -> Set<String>? {
            state.withLock { state in
                state.beats.append(turns)
                return state.isKnown ? ["a"] : nil
            }
        }
        func retire(scheduler id: Int) async throws(StoreFailure) { state.withLock { $0.retired.append(id) } }
        func takeCanaries(of agentTypes: [String]) async throws(StoreFailure) -> [String] { agentTypes }
        func note(_ sightings: [QueueSighting], mayBeLost: Bool) async throws(StoreFailure) -> [Canary] {
            state.withLock { $0.noted.append((sightings.map(\.agentType), mayBeLost)) }
            return sightings.map { Canary(agentType: $0.agentType, number: 1) }
        }
        func withdraw(_ canaries: [Canary]) async throws(StoreFailure) { state.withLock { $0.withdrawn += canaries } }

        func sightings(of agentTypes: [String]) async throws -> [QueueSighting] {
            if state.withLock(\.isAway) { throw Away() }
            return agentTypes.map { QueueSighting(agentType: $0, ready: 0, consumers: 1) }
        }
        func publish(_ canaries: [Canary]) async -> [Canary] {
            state.withLock { state in canaries.filter { state.refused.contains($0.agentType) } }
        }
    }

    private let script = Script()
    private let rounds = Rounds(
        stopped: OneShot(), metrics: .none, time: Standstill(),
        logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })

    @Test func aSchedulerTellsWhenEachDutyCameRoundAndStartsOverIfItIsForgotten() async throws {
        let waiting = WaitingCanaries()
        let pulse = PulseDuty(book: script, name: "s", waiting: waiting, rounds: rounds)
        rounds.turns.expect([.advance, .sweep], at: .seconds(90))
        rounds.turned(.sweep)
        // Nobody expects it to come round by itself.
        rounds.turned(.publish)
        try await pulse.runOnce()
        try await pulse.runOnce()
        #expect(
            script.state.withLock(\.beats) == [
                [SchedulerTurn(duty: "advance", age: .seconds(10)), SchedulerTurn(duty: "sweep", age: .zero)]
            ])
        #expect(waiting.tickets(of: ["a": 3, "b": 3]) == ["a": 2, "b": 3])
        #expect(waiting.tickets(of: ["a": 0]) == ["a": 0])
        script.state.withLock { $0.isKnown = false }
        try await pulse.runOnce()
        #expect(script.state.withLock(\.rows) == 2)
        await pulse.retire()
        #expect(script.state.withLock(\.retired) == [2])
    }

    /// A round that fails has not come round.
    @Test func aDutyThatFailsGetsOlder() async throws {
        rounds.turns.expect([.advance], at: .zero)
        await rounds.attempt(.advance) { throw Script.Away() }
        #expect(rounds.turns.ages(at: .seconds(100)) == [SchedulerTurn(duty: "advance", age: .seconds(100))])
        await rounds.attempt(.advance) {}
        #expect(rounds.turns.ages(at: .seconds(100)) == [SchedulerTurn(duty: "advance", age: .zero)])
    }

    @Test func aBrokerThatIsAwayIsNotTakenForAQueueWithoutConsumers() async throws {
        let canaries = CanaryDuty(book: script, publisher: script, agentTypes: ["a", "b"], rounds: rounds)
        script.state.withLock { $0.isAway = true }
        canaries.brokerReturned()
        try await canaries.runOnce()
        #expect(script.state.withLock(\.noted).isEmpty)
        script.state.withLock { state in
            state.isAway = false
            state.refused = ["b"]
        }
        try await canaries.runOnce()
        try await canaries.runOnce()
        // What was sent to the broker of before is not waited for, once.
        #expect(script.state.withLock(\.noted).map(\.mayBeLost) == [true, false])
        #expect(script.state.withLock(\.withdrawn).map(\.agentType) == ["b", "b"])
    }
}
