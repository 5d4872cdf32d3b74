import AsyncPrimitives
import Testing

@Suite(.timeLimit(.minutes(1))) struct NudgeTests {
    /// Listens while a test acts; what it heard, and that it ended.
    private func heard(_ nudge: Nudge, _ act: (SteppedExecutor, inout TaskGroup<Void>) -> Void) async -> [String] {
        let executor = SteppedExecutor()
        let record = Record<String>()
        await withTaskGroup(of: Void.self) { group in
            group.addTask(executorPreference: executor) {
                for await _ in nudge.all { record.add("nudged") }
                record.add("ended")
            }
            act(executor, &group)
            executor.drain()
        }
        return record.all
    }

    @Test func manyGivenWhileNobodyWaitsAreOne() async {
        let nudge = Nudge()
        for _ in 0..<100 { nudge.give() }
        let heard = await heard(nudge) { executor, _ in
            executor.drain()
            nudge.close()
        }
        #expect(heard == ["nudged", "ended"])
    }

    @Test func eachOneGivenToAListenerThatWaitsIsHeard() async {
        let nudge = Nudge()
        let heard = await heard(nudge) { executor, _ in
            for _ in 0..<3 {
                executor.drain()
                nudge.give()
            }
            executor.drain()
            nudge.close()
        }
        #expect(heard == ["nudged", "nudged", "nudged", "ended"])
    }

    @Test func oneGivenBeforeTheEndIsHeardAndNoneAfterwards() async {
        let nudge = Nudge()
        nudge.give()
        nudge.close()
        nudge.give()
        let heard = await heard(nudge) { _, _ in }
        #expect(heard == ["nudged", "ended"])
    }

    @Test func aCancelledListenerEnds() async {
        let nudge = Nudge()
        let heard = await heard(nudge) { executor, group in
            executor.drain()
            group.cancelAll()
        }
        #expect(heard == ["ended"])
    }
}
