import BlockingIO
import Glibc
import Testing

@Suite(.timeLimit(.minutes(1))) struct EventFDTests {
    /// Whether a `poll` would go on at once.
    private func isReadable(_ bell: EventFD) -> Bool {
        var descriptor = pollfd(fd: bell.fileDescriptor, events: Int16(POLLIN), revents: 0)
        return poll(&descriptor, 1, 0) == 1 && descriptor.revents == Int16(POLLIN)
    }

    @Test func itIsReadableFromTheRingUntilItIsCleared() throws {
        let bell = try EventFD()
        #expect(!isReadable(bell))
        bell.ring()
        #expect(isReadable(bell))
        #expect(isReadable(bell))
        bell.clear()
        #expect(!isReadable(bell))
        bell.ring()
        #expect(isReadable(bell))
    }

    @Test func manyRingsAreClearedTogether() throws {
        let bell = try EventFD()
        for _ in 0..<1000 { bell.ring() }
        bell.clear()
        #expect(!isReadable(bell))
    }

    /// The owner of a thread may not be held up by its own bell.
    @Test func clearingWithoutARingDoesNotBlock() throws {
        let bell = try EventFD()
        bell.clear()
        #expect(!isReadable(bell))
    }

    @Test func noChildInheritsIt() throws {
        let bell = try EventFD()
        #expect(fcntl(bell.fileDescriptor, F_GETFD) & FD_CLOEXEC != 0)
    }
}
