import BlockingIO
import Glibc

/// `poll` on a socket and a wake-up.
enum SocketWait {
    /// Waits until something happens or the deadline passes. The wake-up is not cleared.
    ///
    /// - Returns: the socket's events, 0 if there were none, and whether the wake-up rang.
    static func poll(
        _ socket: Int32, _ events: Int16, _ eventFD: EventFD?, until deadline: Deadline
    ) -> (socket: Int16, eventFD: Bool) {
        withUnsafeTemporaryAllocation(of: pollfd.self, capacity: 2) { entries in
            entries.initialize(repeating: pollfd(fd: -1, events: 0, revents: 0))
            entries[0] = pollfd(fd: socket, events: events, revents: 0)
            // A negative descriptor is ignored by poll.
            entries[1] = pollfd(fd: eventFD?.fileDescriptor ?? -1, events: Int16(POLLIN), revents: 0)
            // EINTR counts as "nothing happened": callers loop and look at their deadline.
            guard Glibc.poll(entries.baseAddress, 2, deadline.pollMilliseconds) > 0 else { return (0, false) }
            return (entries[0].revents, entries[1].revents != 0)
        }
    }
}
