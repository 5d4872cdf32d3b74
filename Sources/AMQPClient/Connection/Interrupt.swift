import Glibc
import Synchronization

/// Breaks the owner thread out of a blocking handshake or request from another thread, by shutting its socket down.
final class Interrupt: Sendable {
    private struct State {
        var descriptor: Int32?
        var isRaised = false
    }

    private let state = Mutex(State())

    /// The owner's socket is open; false if the interrupt was raised before.
    func arm(_ descriptor: Int32) -> Bool {
        state.withLock { state in
            guard !state.isRaised else { return false }
            state.descriptor = descriptor
            return true
        }
    }

    /// The owner is about to close its socket: afterwards the number may belong to another file.
    func disarm() {
        state.withLock { $0.descriptor = nil }
    }

    /// Ends whatever the owner waits for on its socket, now and in future.
    func raise() {
        state.withLock { state in
            state.isRaised = true
            if let descriptor = state.descriptor { _ = shutdown(descriptor, Int32(SHUT_RDWR)) }
        }
    }
}
