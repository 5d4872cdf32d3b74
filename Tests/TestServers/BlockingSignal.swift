import Dispatch

/// A one-time signal for a connection's thread, which may block. Once open it stays open.
package final class BlockingSignal: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)

    package init() {}

    package func open() { semaphore.signal() }

    package func wait() {
        semaphore.wait()
        semaphore.signal()
    }
}
