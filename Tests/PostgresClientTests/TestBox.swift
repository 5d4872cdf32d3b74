import Synchronization

/// A value that several threads change.
final class TestBox<Value: Sendable>: Sendable {
    private let state: Mutex<Value>

    init(_ value: Value) { state = Mutex(value) }

    var value: Value { state.withLock { $0 } }

    func change(_ body: @Sendable (inout sending Value) -> Void) { state.withLock { body(&$0) } }
}
