import BlockingIO
import Glibc
import Synchronization

/// A running child: one thread starts it, waits for it and reaps it.
///
/// The kernel's parent-death signal is bound to the *thread* that started a child, so that thread has to live as
/// long as the child does.
final class ChildProcess: Sendable {
    private struct State {
        var status: ExitStatus?
        var waiters: [CheckedContinuation<ExitStatus, Never>] = []
    }

    let identity: ProcessIdentity
    private let state: Mutex<State>
    private let thread: SerialThreadExecutor

    var pid: pid_t { identity.pid }

    private init(identity: ProcessIdentity, thread: SerialThreadExecutor) {
        self.identity = identity
        self.thread = thread
        state = Mutex(State())
    }

    /// Starts the program.
    ///
    /// - Parameter name: of the thread that waits.
    static func spawn(_ launch: SpawnRequest, name: String) async throws(PrivateStackError) -> ChildProcess {
        let thread: SerialThreadExecutor
        do {
            thread = try SerialThreadExecutor(name: name)
        } catch {
            throw PrivateStackError(.system, "no thread for \(name): \(error)")
        }
        let result = await withCheckedContinuation { continuation in
            thread.submit {
                let started = Result { () throws(PrivateStackError) in try launch.spawn() }
                    .map { pid in
                        // Never nil: an unreaped child keeps its entry, at worst as a zombie.
                        let identity = ProcessIdentity(running: pid) ?? ProcessIdentity(pid: pid, startTicks: 0)
                        return ChildProcess(identity: identity, thread: thread)
                    }
                continuation.resume(returning: started)
                if case .success(let child) = started { child.waitAndReap() }
            }
        }
        if case .failure = result { thread.shutdown() }
        return try result.get()
    }

    /// How it ended; waits if it has not. Not cancellable: a child always has to be ended and reaped.
    func exit() async -> ExitStatus {
        let status = await withCheckedContinuation { continuation in
            let ended = state.withLock { state in
                if state.status == nil { state.waiters.append(continuation) }
                return state.status
            }
            if let ended { continuation.resume(returning: ended) }
        }
        thread.shutdown()
        return status
    }

    /// Sends a signal unless the process has ended: its number is never used after it was reaped.
    func signal(_ number: Int32) {
        state.withLock { state in
            if state.status == nil { _ = kill(pid, number) }
        }
    }

    private func waitAndReap() {
        var information = siginfo_t()
        while waitid(P_PID, id_t(pid), &information, WEXITED | WNOWAIT) != 0 && errno == EINTR {}
        // Helpers it left in its process group; the group's number is not reused while the leader is unreaped.
        _ = kill(-pid, SIGKILL)
        let waiters = state.withLock { state in
            var word: Int32 = 0
            while waitpid(pid, &word, 0) < 0 && errno == EINTR {}
            state.status = ExitStatus(waitStatus: word)
            defer { state.waiters = [] }
            return state.waiters.map { ($0, ExitStatus(waitStatus: word)) }
        }
        for (waiter, status) in waiters { waiter.resume(returning: status) }
    }
}

extension ProcessIdentity {
    fileprivate init(pid: pid_t, startTicks: UInt64) {
        self.pid = pid
        self.startTicks = startTicks
    }
}
