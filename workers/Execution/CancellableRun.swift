/// Work that somebody else may break off: one step among hundreds has to be cancellable from the heartbeat and the drain.
struct CancellableRun: Sendable {
    private let stream: AsyncStream<Never>
    private let continuation: AsyncStream<Never>.Continuation

    init() {
        (stream, continuation) = AsyncStream.makeStream()
    }

    /// Cancels the task that ``run(_:)`` runs the work in.
    func cancel() { continuation.finish() }

    /// Returns what the work returns, broken off or not: it has to return in every case.
    func run<Value: Sendable>(_ work: @escaping @Sendable () async -> Value) async -> Value {
        await withTaskGroup(of: Value?.self, returning: Value.self) { group in
            group.addTask { await work() }
            group.addTask {
                for await _ in stream {}
                return nil
            }
            // The work's own value comes in every case, after the signal to break it off or before.
            while true {
                let next = await group.next() ?? nil
                group.cancelAll()
                if let next { return next }
            }
        }
    }
}
