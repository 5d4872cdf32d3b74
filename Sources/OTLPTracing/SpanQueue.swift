import AsyncPrimitives
import Synchronization

/// Spans that wait to be sent: so many and no more.
final class SpanQueue: Sendable {
    private struct State {
        var spans: [FinishedSpan] = []
        var isClosed = false
    }

    private let limit: Int
    private let state = Mutex(State())
    private let arrival = Nudge()

    init(limit: Int) { self.limit = limit }

    /// An element whenever there is something after there was nothing; ends with ``close()``.
    var arrivals: AsyncStream<Void> { arrival.all }

    var count: Int { state.withLock { $0.spans.count } }

    /// Takes all of them or none.
    ///
    /// - Returns: whether there was room.
    func add(_ group: [FinishedSpan]) -> Bool {
        let (isTaken, isFirst) = state.withLock { state in
            guard !state.isClosed, state.spans.count + group.count <= limit else { return (false, false) }
            let isFirst = state.spans.isEmpty
            state.spans += group
            return (true, isFirst)
        }
        if isFirst { arrival.give() }
        return isTaken
    }

    /// The oldest.
    func take(upTo count: Int) -> [FinishedSpan] {
        state.withLock { state in
            let batch = Array(state.spans.prefix(count))
            state.spans.removeFirst(batch.count)
            return batch
        }
    }

    /// Takes nothing any more.
    func close() {
        state.withLock { $0.isClosed = true }
        arrival.close()
    }
}
