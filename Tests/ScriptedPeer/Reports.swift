/// Values that server threads hand to the test.
package struct Reports<Value: Sendable>: Sendable {
    private let stream: AsyncStream<Value>
    private let continuation: AsyncStream<Value>.Continuation

    package init() {
        (stream, continuation) = AsyncStream.makeStream()
    }

    package func send(_ value: Value) { continuation.yield(value) }

    /// Waits for the next value.
    package func next() async -> Value? {
        for await value in stream { return value }
        return nil
    }
}
