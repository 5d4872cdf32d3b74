import BlockingIO

/// Runs something that blocks on a thread of its own, so that the cooperative pool does not.
enum BlockingCall {
    static func run<Value: Sendable>(_ name: String, _ body: @escaping @Sendable () -> Value) async -> Value {
        // Without a thread to spare there is nothing better than the caller's.
        guard let executor = try? SerialThreadExecutor(name: name) else { return body() }
        let value = await withCheckedContinuation { continuation in
            executor.submit { continuation.resume(returning: body()) }
        }
        // The only job is done: joining takes microseconds.
        executor.shutdown()
        return value
    }
}
