import CLinux
import Glibc

/// An eventfd: any thread rings it, one owner thread polls its descriptor together with its sockets.
package final class EventFD: Sendable {
    /// Readable after ``ring()`` until ``clear()``. For `poll` only; closed when the object goes away.
    package let fileDescriptor: Int32

    /// - Throws: `wakeUpCreation` if there is no file descriptor left.
    package init() throws(BlockingIOError) {
        fileDescriptor = mixmyai_eventfd()
        guard fileDescriptor >= 0 else { throw BlockingIOError(.wakeUpCreation, errno: errno) }
    }

    deinit { close(fileDescriptor) }

    /// Makes the descriptor readable.
    package func ring() {
        mixmyai_eventfd_ring(fileDescriptor)
    }

    /// Makes the descriptor unreadable until the next ring.
    package func clear() {
        mixmyai_eventfd_clear(fileDescriptor)
    }
}
