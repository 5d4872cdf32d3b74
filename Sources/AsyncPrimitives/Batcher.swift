import Synchronization

/// Collects items for at most a moment and writes them together: group commit.
///
/// Whoever comes while nothing is being written is written at once. While a batch is being written the next one
/// gathers, so at saturation batches grow to the limit. Several batches may be in flight at once (`concurrency`); those
/// after the first wait `delay` for company.
///
/// Submissions wait for their batch's outcome. The handler returns one result per item, in order; an error it
/// throws fails every item of the batch.
package final class Batcher<Item: Sendable, Output: Sendable>: Sendable {
    private struct Waiting {
        var item: Item
        /// Nil: nobody waits for the outcome.
        var continuation: CheckedContinuation<Output, any Error>?
    }

    private struct State {
        var waiting: [Waiting] = []
        var batchesInFlight = 0
        var isClosed = false
        var sleeper: CheckedContinuation<Void, Never>?
        var hasSignal = false

        /// Takes the sleeping loop's continuation, or leaves a note that it need not sleep.
        mutating func signal() -> CheckedContinuation<Void, Never>? {
            guard let sleeper else {
                hasSignal = true
                return nil
            }
            self.sleeper = nil
            return sleeper
        }
    }

    private let limit: Int
    private let delay: Duration
    private let concurrency: Int
    private let sleep: @Sendable (Duration) async throws -> Void
    private let handler: @Sendable ([Item]) async throws -> [Output]
    private let state = Mutex(State())

    /// - Parameters:
    ///   - limit: largest batch.
    ///   - delay: how long an item waits for company while another batch is in flight.
    ///   - concurrency: batches in flight at once.
    ///   - sleep: waits for `delay`; a simulation passes its own.
    ///   - handler: writes a batch.
    package init(
        limit: Int, delay: Duration, concurrency: Int = 1,
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) },
        handler: @escaping @Sendable ([Item]) async throws -> [Output]
    ) {
        self.limit = limit
        self.delay = delay
        self.concurrency = concurrency
        self.sleep = sleep
        self.handler = handler
    }

    /// Adds an item to the next batch and waits for its result.
    ///
    /// Cancelling the caller does not take the item back: its effects may already be on their way.
    package func submit(_ item: Item) async throws -> Output {
        try await withCheckedThrowingContinuation { continuation in
            let (wake, refused) = state.withLock { state -> (CheckedContinuation<Void, Never>?, Bool) in
                guard !state.isClosed else { return (nil, true) }
                state.waiting.append(Waiting(item: item, continuation: continuation))
                return (state.signal(), false)
            }
            wake?.resume()
            if refused { continuation.resume(throwing: CancellationError()) }
        }
    }

    /// Adds an item to the next batch and does not wait; after ``finish()`` it is dropped.
    package func post(_ item: Item) {
        let wake = state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard !state.isClosed else { return nil }
            state.waiting.append(Waiting(item: item, continuation: nil))
            return state.signal()
        }
        wake?.resume()
    }

    /// Writes batches until ``finish()`` was called and nothing waits any more, whether or not the surrounding task is
    /// cancelled: callers that got their item in get their answer.
    package func run() async {
        await withTaskGroup(of: Void.self) { group in
            var inFlight = 0
            while true {
                // Before the batch is taken: what comes meanwhile is part of it.
                if inFlight >= concurrency {
                    await group.next()
                    inFlight -= 1
                }
                let batch = await nextBatch()
                guard !batch.isEmpty else { break }
                group.addTask { await self.write(batch) }
                inFlight += 1
            }
        }
    }

    /// Refuses new items; ``run()`` returns once everything that waits is written.
    package func finish() {
        let wake = state.withLock { state in
            state.isClosed = true
            return state.signal()
        }
        wake?.resume()
    }

    private func nextBatch() async -> [Waiting] {
        while true {
            let (count, isClosed, isIdle) = state.withLock {
                ($0.waiting.count, $0.isClosed, $0.batchesInFlight == 0)
            }
            if count == 0 {
                if isClosed { return [] }
                await waitForSignal()
                continue
            }
            if count < limit && delay > .zero && !isClosed && !isIdle {
                try? await sleep(delay)
            }
            return state.withLock { state in
                let batch = Array(state.waiting.prefix(limit))
                state.waiting.removeFirst(batch.count)
                state.batchesInFlight += 1
                return batch
            }
        }
    }

    private func waitForSignal() async {
        await withCheckedContinuation { continuation in
            let isReady = state.withLock { state in
                if state.hasSignal {
                    state.hasSignal = false
                    return true
                }
                state.sleeper = continuation
                return false
            }
            if isReady { continuation.resume() }
        }
    }

    private func write(_ batch: [Waiting]) async {
        defer { state.withLock { $0.batchesInFlight -= 1 } }
        do {
            let outputs = try await handler(batch.map(\.item))
            for (index, waiting) in batch.enumerated() {
                if index < outputs.count {
                    waiting.continuation?.resume(returning: outputs[index])
                } else {
                    waiting.continuation?.resume(throwing: BatchShortfall(expected: batch.count, got: outputs.count))
                }
            }
        } catch {
            for waiting in batch { waiting.continuation?.resume(throwing: error) }
        }
    }
}

/// A batch handler returned fewer results than it was given items: a programming error, reported to the callers
/// rather than left waiting.
package struct BatchShortfall: Error, CustomStringConvertible {
    let expected: Int
    let got: Int

    /// Both counts and nothing of the items: safe to log.
    package var description: String { "batch handler returned \(got) results for \(expected) items" }
}
