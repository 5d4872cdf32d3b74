import AsyncPrimitives
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1))) struct BatcherTests {
    /// A batcher whose batches, pauses and outcomes a test sees and decides on.
    private struct Bench {
        let executor = SteppedExecutor()
        let batches = Record<[Int]>()
        let pauses = Record<Duration>()
        let outcomes = Record<String>()
        /// Ends the pause for company.
        let endPause = OneShot()
        /// Lets the first batch be written; the others do not wait.
        let release = OneShot()
        let batcher: Batcher<Int, String>

        init(
            limit: Int = 10, delay: Duration = .zero, concurrency: Int = 1, holdsFirst: Bool = false,
            answer: @escaping @Sendable ([Int]) throws -> [String] = { $0.map { "\($0) written" } }
        ) {
            let (batches, pauses, endPause, release) = (batches, pauses, endPause, release)
            batcher = Batcher(
                limit: limit, delay: delay, concurrency: concurrency,
                sleep: { pause in
                    pauses.add(pause)
                    await endPause.wait()
                },
                handler: { items in
                    batches.add(items)
                    if holdsFirst, batches.all.count == 1 { await release.wait() }
                    return try answer(items)
                })
        }

        /// Runs the batcher while a test acts, then ends it.
        func run(_ act: (inout TaskGroup<Void>) -> Void) async {
            await withTaskGroup(of: Void.self) { group in
                group.addTask(executorPreference: executor) {
                    await batcher.run()
                    outcomes.add("ended")
                }
                executor.drain()
                act(&group)
                batcher.finish()
                executor.drain()
            }
        }

        func submit(_ item: Int, in group: inout TaskGroup<Void>) {
            group.addTask(executorPreference: executor) {
                do {
                    outcomes.add(try await batcher.submit(item))
                } catch is CancellationError {
                    outcomes.add("\(item) refused")
                } catch {
                    outcomes.add("\(item): \(error)")
                }
            }
            executor.drain()
        }

        func post(_ items: Int...) {
            for item in items { batcher.post(item) }
            executor.drain()
        }
    }

    private struct DiskFull: Error, CustomStringConvertible {
        var description: String { "disk full" }
    }

    @Test func whoeverComesWhileNothingIsBeingWrittenIsWrittenAtOnce() async {
        let bench = Bench(delay: .milliseconds(5))
        await bench.run { group in
            bench.submit(1, in: &group)
            bench.submit(2, in: &group)
            #expect(bench.outcomes.all == ["1 written", "2 written"])
        }
        #expect(bench.batches.all == [[1], [2]])
        #expect(bench.pauses.all == [])
    }

    @Test func aBatchIsNoLargerThanTheLimit() async {
        let bench = Bench(limit: 3)
        for item in 1...7 { bench.batcher.post(item) }
        await bench.run { _ in }
        #expect(bench.batches.all == [[1, 2, 3], [4, 5, 6], [7]])
    }

    @Test func whileABatchIsBeingWrittenTheNextOneGathers() async {
        let bench = Bench(holdsFirst: true)
        await bench.run { _ in
            bench.post(1)
            bench.post(2)
            bench.post(3)
            #expect(bench.batches.all == [[1]])
            bench.release.open()
            bench.executor.drain()
            #expect(bench.batches.all == [[1], [2, 3]])
        }
    }

    @Test func aSecondBatchWaitsForCompany() async {
        let bench = Bench(delay: .milliseconds(5), concurrency: 2, holdsFirst: true)
        await bench.run { _ in
            bench.post(1)
            bench.post(2)
            bench.post(3)
            #expect(bench.pauses.all == [.milliseconds(5)])
            #expect(bench.batches.all == [[1]])
            bench.endPause.open()
            bench.executor.drain()
            #expect(bench.batches.all == [[1], [2, 3]])
            bench.release.open()
        }
    }

    @Test func aFullBatchDoesNotWaitForCompany() async {
        let bench = Bench(limit: 2, delay: .milliseconds(5), concurrency: 2, holdsFirst: true)
        await bench.run { _ in
            bench.post(1)
            bench.post(2, 3)
            #expect(bench.pauses.all == [])
            #expect(bench.batches.all == [[1], [2, 3]])
            bench.release.open()
        }
    }

    @Test(arguments: [1, 2, 3]) func noMoreBatchesAreInFlightThanAllowed(concurrency: Int) async {
        let (executor, release, batches) = (SteppedExecutor(), OneShot(), Record<Int>())
        let batcher = Batcher<Int, Void>(limit: 1, delay: .zero, concurrency: concurrency) { items in
            batches.add(items[0])
            await release.wait()
            return [()]
        }
        await withTaskGroup(of: Void.self) { group in
            group.addTask(executorPreference: executor) { await batcher.run() }
            for item in 1...5 {
                batcher.post(item)
                executor.drain()
            }
            #expect(batches.all == Array(1...concurrency))
            release.open()
            batcher.finish()
            executor.drain()
        }
        #expect(batches.all == [1, 2, 3, 4, 5])
    }

    @Test func aFailureIsThatOfEveryItemOfItsBatchAndOfNoOther() async {
        let bench = Bench(limit: 2) { items in
            if items.contains(2) { throw DiskFull() }
            return items.map { "\($0) written" }
        }
        await withTaskGroup(of: Void.self) { group in
            for item in 1...4 { bench.submit(item, in: &group) }
            group.addTask(executorPreference: bench.executor) { await bench.batcher.run() }
            bench.executor.drain()
            bench.submit(5, in: &group)
            bench.batcher.finish()
            bench.executor.drain()
        }
        let outcomes = ["1: disk full", "2: disk full", "3 written", "4 written", "5 written"]
        #expect(bench.outcomes.all == outcomes)
    }

    @Test func whoGetsNoResultIsToldSoAndTheOthersGetTheirs() async {
        let bench = Bench(limit: 3) { items in [items[0], items[1]].map { "\($0) written" } }
        await withTaskGroup(of: Void.self) { group in
            for item in 1...3 { bench.submit(item, in: &group) }
            group.addTask(executorPreference: bench.executor) { await bench.batcher.run() }
            bench.executor.drain()
            bench.batcher.finish()
            bench.executor.drain()
        }
        let shortfall = "3: batch handler returned 2 results for 3 items"
        #expect(bench.outcomes.all == ["1 written", "2 written", shortfall])
    }

    @Test func afterFinishWhatWaitsIsWrittenWithoutWaitingForCompanyAndNothingElse() async {
        let bench = Bench(delay: .milliseconds(5), holdsFirst: true)
        await bench.run { group in
            bench.submit(1, in: &group)
            bench.batcher.finish()
            bench.submit(2, in: &group)
            bench.post(3)
            #expect(bench.outcomes.all == ["2 refused"])
            bench.release.open()
        }
        #expect(bench.outcomes.all == ["2 refused", "1 written", "ended"])
        #expect(bench.batches.all == [[1]])
        #expect(bench.pauses.all == [])
    }

    @Test func anItemWhoseCallerIsCancelledIsWrittenAndItsCallerGetsTheResult() async {
        let bench = Bench(holdsFirst: true)
        await bench.run { group in
            bench.submit(1, in: &group)
            bench.submit(2, in: &group)
            group.cancelAll()
            bench.executor.drain()
            #expect(bench.outcomes.all == [])
            bench.release.open()
            bench.executor.drain()
        }
        #expect(Set(bench.outcomes.all) == ["1 written", "2 written", "ended"])
    }

    @Test func aCancelledRunGoesOnUntilItIsFinished() async {
        let bench = Bench()
        await bench.run { group in
            group.cancelAll()
            bench.executor.drain()
            #expect(bench.outcomes.all == [])
            bench.submit(1, in: &group)
            #expect(bench.outcomes.all == ["1 written"])
        }
        #expect(bench.outcomes.all == ["1 written", "ended"])
    }
}
