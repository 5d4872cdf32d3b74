import Dispatch

/// A one-time signal for a connection's thread, which may block.
final class BlockingGate: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)

    func open() { semaphore.signal() }

    func wait() { semaphore.wait() }
}
