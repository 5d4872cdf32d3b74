import Glibc

/// The one supervisor of a state directory. The kernel releases it with the process, however it ends.
final class StackLock: Sendable {
    private let descriptor: Int32

    /// - Throws: `.alreadyRunning` if another supervisor has it.
    init(_ state: StateDirectory) throws(PrivateStackError) {
        descriptor = open(state.lock, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .system("open \(state.lock)", errno: errno) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            // Closed by `deinit`, which follows also here.
            let number = errno
            guard number == EWOULDBLOCK else { throw .system("lock \(state.lock)", errno: number) }
            throw PrivateStackError(.alreadyRunning, "a stack is already running in \(state.path)")
        }
    }

    deinit { close(descriptor) }

    /// Waits for the lock: the supervisor of before needs a moment to end.
    static func acquire(_ state: StateDirectory, within limit: Duration) async throws(PrivateStackError) -> StackLock {
        let deadline = ContinuousClock.now + limit
        while true {
            do {
                return try StackLock(state)
            } catch  where error.code == .alreadyRunning && ContinuousClock.now < deadline {
                do {
                    try await Task.sleep(for: .milliseconds(20))
                } catch {
                    throw PrivateStackError(.interrupted, "interrupted")
                }
            }
        }
    }
}
