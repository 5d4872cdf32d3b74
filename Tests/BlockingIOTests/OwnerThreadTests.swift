import BlockingIO
import Glibc
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1))) struct OwnerThreadTests {
    private enum Command: Sendable, Equatable {
        case work(Int)
        case stop
    }

    /// What a loop took, and how often it was rung.
    private final class Log: Sendable {
        let taken = Mutex<[Command]>([])
        let left = Mutex<[Command]>([])
        let rings = Mutex(0)
    }

    private static func wait(for bell: EventFD) {
        var descriptor = pollfd(fd: bell.fileDescriptor, events: Int16(POLLIN), revents: 0)
        _ = poll(&descriptor, 1, -1)
    }

    /// A loop that waits for its bell and ends when it is told to.
    private func start(_ log: Log, _ bell: EventFD) throws -> OwnerThread<Command> {
        try OwnerThread(
            name: "test",
            ring: {
                log.rings.withLock { $0 += 1 }
                bell.ring()
            },
            body: { mailbox in
                while true {
                    Self.wait(for: bell)
                    bell.clear()
                    let commands = mailbox.drain()
                    log.taken.withLock { $0 += commands }
                    if commands.contains(.stop) { return }
                }
            })
    }

    @Test func theLoopGetsEveryCommandInOrder() throws {
        let log = Log()
        let thread = try start(log, try EventFD())
        let commands = (0..<1000).map { Command.work($0) }
        #expect(commands.allSatisfy { thread.post($0) })
        #expect(thread.post(.stop))
        thread.join()
        thread.join()
        #expect(log.taken.withLock { $0 } == commands + [.stop])
    }

    @Test func aCommandAfterTheEndIsRefusedAndRingsNobody() throws {
        let log = Log()
        let thread = try start(log, try EventFD())
        #expect(thread.post(.stop))
        thread.join()
        let rings = log.rings.withLock { $0 }
        #expect(!thread.post(.work(1)))
        #expect(log.taken.withLock { $0 } == [.stop])
        #expect(log.rings.withLock { $0 } == rings)
    }

    /// The loop does not look before it may: all that happens meanwhile is one ring.
    @Test func onlyTheFirstCommandOfAnEmptyMailboxRings() throws {
        let (log, mayLook) = (Log(), try EventFD())
        let thread = try OwnerThread<Command>(
            name: "test", ring: { log.rings.withLock { $0 += 1 } },
            body: { mailbox in
                Self.wait(for: mayLook)
                let commands = mailbox.drain()
                log.taken.withLock { $0 += commands }
            })
        for number in 1...3 { #expect(thread.post(.work(number))) }
        #expect(log.rings.withLock { $0 } == 1)
        mayLook.ring()
        thread.join()
        #expect(log.taken.withLock { $0 } == [.work(1), .work(2), .work(3)])
    }

    @Test func closingGivesTheLoopWhatWaitsAndRefusesTheRest() throws {
        let (log, mayClose, closed, mayEnd) = (Log(), try EventFD(), try EventFD(), try EventFD())
        let thread = try OwnerThread<Command>(
            name: "test", ring: {},
            body: { mailbox in
                Self.wait(for: mayClose)
                let commands = mailbox.close()
                log.left.withLock { $0 += commands }
                closed.ring()
                Self.wait(for: mayEnd)
                let later = mailbox.drain()
                log.taken.withLock { $0 += later }
            })
        #expect(thread.post(.work(1)))
        mayClose.ring()
        Self.wait(for: closed)
        #expect(!thread.post(.work(2)))
        mayEnd.ring()
        thread.join()
        #expect(log.left.withLock { $0 } == [.work(1)])
        #expect(log.taken.withLock { $0 } == [])
    }
}
