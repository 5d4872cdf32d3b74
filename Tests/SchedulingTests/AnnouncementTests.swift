import AsyncPrimitives
import FleetCore
import FleetMetrics
import Synchronization
import Testing

@testable import Scheduling

/// Events are announced while somebody listens, and none that a listener needs is left out.
@Suite(.timeLimit(.minutes(1))) struct AnnouncementTests {
    @Test func nobodyIsAskedForMoreOftenThanItTakes() {
        var audience = Audience()
        #expect(audience.wait(at: .seconds(5)) == .zero)
        audience.answered(false, at: .seconds(5))
        #expect(!audience.isThere)
        #expect(audience.wait(at: .milliseconds(5040)) == .milliseconds(60))
        #expect(audience.wait(at: .milliseconds(5100)) == .zero)
        audience.answered(true, at: .seconds(6))
        #expect(audience.isThere)
        #expect(audience.wait(at: .milliseconds(6999)) == nil)
        #expect(audience.wait(at: .seconds(7)) == .zero)
        // A broker that does not answer says nothing.
        audience.answered(nil, at: .seconds(7))
        #expect(audience.isThere)
    }

    /// A broker at which somebody begins to listen, on a clock that only sleepers move.
    private final class Broker: TicketPublisher, Timekeeper {
        struct State: Sendable {
            var now = Duration.zero
            var isHeard = false
            var questions = 0
            var told: [Int] = []
            /// What happens in the middle of the next question.
            var meanwhile: (@Sendable () -> Void)?
        }
        let state = Mutex(State())
        let heard = OneShot()

        var now: Duration { state.withLock(\.now) }
        func sleep(for duration: Duration) async throws { state.withLock { $0.now += duration } }
        func publish(_ tickets: [Ticket]) async -> [Int] { [] }
        func queueDepths() async throws -> [String: Int] { [:] }

        func hasListeners() async -> Bool? {
            let (isHeard, meanwhile) = state.withLock { state in
                state.questions += 1
                defer { state.meanwhile = nil }
                return (state.isHeard, state.meanwhile)
            }
            meanwhile?()
            return isHeard
        }

        func announce(_ events: [EventBatch]) async -> Bool {
            state.withLock { $0.told += events.map(\.lastSequence) }
            heard.open()
            return true
        }
    }

    private static func events(_ number: Int) -> [EventBatch] {
        [EventBatch(taskID: "task_1", after: number - 1, time: 0, events: [TaskEvent("task_status_update")])]
    }

    @Test func whatComesDuringAQuestionWaitsForTheNextOne() async throws {
        let broker = Broker()
        let announcer = EventAnnouncer(publisher: broker, metrics: .none, time: broker)
        broker.state.withLock { state in
            state.meanwhile = {
                // Somebody begins to listen after the broker has looked, reads the rows, and then something happens.
                broker.state.withLock { $0.isHeard = true }
                announcer.announce(Self.events(2), at: .zero)
            }
        }
        announcer.announce(Self.events(1), at: .zero)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await announcer.run() }
            await broker.heard.wait()
            group.cancelAll()
        }
        let (told, questions) = broker.state.withLock { ($0.told, $0.questions) }
        #expect(told == [2], "the first was in the rows before anybody listened")
        #expect(questions == 2)
    }
}
