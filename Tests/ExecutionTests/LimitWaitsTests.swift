import FleetCore
import FleetTesting
import Synchronization
import Testing

@testable import Execution

/// What the rows are told of attempts that wait for a limit.
@Suite(.timeLimit(.minutes(1))) struct LimitWaitsTests {
    /// Stands still: nothing is told but when a test says so.
    private final class StillClock: Timekeeper {
        let time = Mutex(Duration.zero)

        var now: Duration { time.withLock { $0 } }
        func sleep(for duration: Duration) async throws { try await Task.sleep(for: .seconds(3600)) }
    }

    private static let wait = LimitWait(provider: "openai", limitClass: "test", cause: .concurrency)
    private let clock = StillClock()

    /// - Returns: what was written, in order: the step's wait, `-` for one that is over.
    private func written(
        _ isHeld: Bool = true, fails: Bool = false, _ body: @escaping @Sendable (LimitWaits, StillClock) async -> Void
    ) async -> [String] {
        let (notes, feed) = AsyncStream<LimitWaitNote>.makeStream()
        let waits = LimitWaits(time: clock) { batch, worker throws(StoreFailure) in
            for note in batch where worker == 7 { feed.yield(note) }
            if fails { throw StoreFailure(.outage, "away") }
            return batch.map { _ in isHeld }
        }
        waits.begin(worker: 7)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await waits.run() }
            group.addTask { [clock] in
                await body(waits, clock)
                waits.finish()
            }
        }
        feed.finish()
        return await notes.reduce(into: []) { all, note in
            all.append("\(note.stepID).\(note.attempt) \(note.wait?.cause.rawValue ?? "-")")
        }
    }

    @Test func aWaitThatLastsIsToldAndTakenBackBeforeTheCall() async {
        let step = SampleStep.execution(stepID: 3)
        let lines = await written { waits, clock in
            waits.began(Self.wait, step, since: clock.now)
            clock.time.withLock { $0 += LimitWaits.shortestTold }
            waits.tell()
            waits.tell()
            #expect(await waits.endedBeforeCall(step) == .given)
        }
        #expect(lines == ["3.1 concurrency", "3.1 -"])
    }

    /// The provider of the first model asked for an hour, and the second one is asked: the rows still say that it waits.
    @Test func whatWasToldIsTakenBackBeforeAnotherModelIsCalled() async {
        let step = SampleStep.execution(stepID: 3)
        let lines = await written { waits, clock in
            waits.began(Self.wait, step, since: clock.now)
            clock.time.withLock { $0 += .seconds(1) }
            waits.tell()
            waits.ended(step)
            waits.tell()
            #expect(await waits.endedBeforeCall(step) == .given)
        }
        #expect(lines == ["3.1 concurrency", "3.1 -"])
    }

    /// A worker that was taken for dead may have its own step again while the attempt before is not over.
    @Test func twoAttemptsAtOneStepAreTwo() async {
        let first = SampleStep.execution(stepID: 3)
        var second = first
        second.attempt = 2
        let lines = await written { [second] waits, clock in
            waits.began(Self.wait, first, since: clock.now)
            waits.began(Self.wait, second, since: clock.now)
            clock.time.withLock { $0 += .seconds(1) }
            waits.tell()
            waits.forget(first)
            #expect(await waits.endedBeforeCall(second) == .given)
        }
        #expect(Set(lines.dropLast()) == ["3.1 concurrency", "3.2 concurrency"] && lines.last == "3.2 -")
    }

    @Test func aShortWaitIsNobodysBusiness() async {
        let step = SampleStep.execution(stepID: 3)
        let lines = await written { waits, clock in
            waits.began(Self.wait, step, since: clock.now)
            clock.time.withLock { $0 += LimitWaits.shortestTold / 2 }
            waits.tell()
            #expect(await waits.endedBeforeCall(step) == .given)
            #expect(await waits.endedBeforeCall(step) == .given)
        }
        #expect(lines.isEmpty)
    }

    /// Whoever has taken it over believes that it has called nobody.
    @Test(arguments: [false, true]) func whatIsNotConfirmedDoesNotCall(fails: Bool) async {
        let step = SampleStep.execution(stepID: 3)
        let lines = await written(false, fails: fails) { waits, clock in
            waits.began(Self.wait, step, since: clock.now)
            clock.time.withLock { $0 += .seconds(1) }
            waits.tell()
            #expect(await waits.endedBeforeCall(step) == (fails ? .unknown : .isTakenOver))
        }
        #expect(lines == ["3.1 concurrency", "3.1 -"])
    }

    @Test func anotherCauseIsToldAsWell() async {
        let step = SampleStep.execution(stepID: 3)
        let lines = await written { waits, clock in
            waits.began(Self.wait, step, since: clock.now)
            clock.time.withLock { $0 += .seconds(1) }
            waits.tell()
            waits.began(LimitWait(provider: "openai", limitClass: "test", cause: .rate), step, since: .zero)
            waits.tell()
            waits.ended(step)
            waits.tell()
        }
        #expect(lines == ["3.1 concurrency", "3.1 rate"])
    }
}
