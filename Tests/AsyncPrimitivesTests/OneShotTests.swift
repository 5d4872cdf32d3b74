import AsyncPrimitives
import Testing

@Suite(.timeLimit(.minutes(1))) struct OneShotTests {
    private let executor = SteppedExecutor()
    private let record = Record<Int>()
    private let signal = OneShot()

    /// Waits in as many tasks as there are ways given while a test acts; the ways that came back stand in the record.
    private func run(
        _ ways: [@Sendable (OneShot) async -> Void], _ act: (inout TaskGroup<Void>) -> Void
    ) async {
        await withTaskGroup(of: Void.self) { [executor, record, signal] group in
            for (number, wait) in ways.enumerated() {
                group.addTask(executorPreference: executor) {
                    await wait(signal)
                    record.add(number)
                }
            }
            executor.drain()
            act(&group)
            executor.drain()
        }
    }

    @Test func everybodyWhoWaitsGoesOnWhenItOpensAndNobodyBefore() async {
        await run([{ await $0.wait() }, { await $0.wait() }, { await $0.waitUnlessCancelled() }]) { _ in
            #expect(record.all == [])
            #expect(!signal.isOpen)
            signal.open()
            #expect(signal.isOpen)
        }
        #expect(Set(record.all) == [0, 1, 2])
    }

    @Test func whoeverComesLaterDoesNotWait() async {
        signal.open()
        signal.open()
        await run([
            { await $0.wait() }, { await $0.waitUnlessCancelled() }, { await $0.wait(atMost: .seconds(3600)) },
        ]) { _ in }
        #expect(Set(record.all) == [0, 1, 2])
    }

    @Test func aCancelledWaitEndsOnlyIfItSaysSo() async {
        await run([{ await $0.wait() }, { await $0.waitUnlessCancelled() }]) { group in
            group.cancelAll()
            executor.drain()
            #expect(record.all == [1])
            signal.open()
        }
        #expect(record.all == [1, 0])
    }

    @Test func aWaitThatIsCancelledBeforeItBeginsEnds() async {
        await withTaskGroup(of: Void.self) { [signal] group in
            group.cancelAll()
            group.addTask { await signal.waitUnlessCancelled() }
            group.addTask { await signal.wait(atMost: .seconds(3600)) }
        }
        #expect(!signal.isOpen)
    }

    @Test func aBoundedWaitEndsWhenItsTimeIsOver() async {
        await signal.wait(atMost: .milliseconds(1))
        #expect(!signal.isOpen)
    }

    @Test func aBoundedWaitEndsWhenItOpensOrIsCancelled() async {
        await withTaskGroup(of: Void.self) { [signal] group in
            group.addTask { await signal.wait(atMost: .seconds(3600)) }
            signal.open()
        }
        let other = OneShot()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await other.wait(atMost: .seconds(3600)) }
            group.cancelAll()
        }
        #expect(!other.isOpen)
    }
}
