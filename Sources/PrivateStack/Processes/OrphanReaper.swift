import FoundationEssentials
import Glibc
import Logging

/// Ends what a supervisor that was killed left running. Only with the ``StackLock`` held.
enum OrphanReaper {
    /// - Throws: `.conflict` if a process outlives even SIGKILL for ten seconds.
    static func end(in state: StateDirectory, logger: Logger) async throws(PrivateStackError) {
        guard let data = try PrivateFile.read(state.children),
            let children = try? JSONDecoder().decode(ProcessTable.Children.self, from: data),
            children.bootID == ProcessIdentity.bootID
        else { return }
        let alive = children.processes.filter(\.identity.isRunning)
        for child in alive {
            logger.notice("ending a leftover", metadata: ["name": "\(child.name)", "pid": "\(child.identity.pid)"])
            _ = kill(child.identity.pid, child.signal)
        }
        // Not our children: there is nothing to wait on, so look. This path only follows a killed supervisor.
        let start = ContinuousClock.now
        var killed = false
        while let last = alive.first(where: { $0.identity.isRunning }) {
            let waited = ContinuousClock.now - start
            if waited > .seconds(10) && !killed {
                killed = true
                for child in alive where child.identity.isRunning { _ = kill(child.identity.pid, SIGKILL) }
            }
            guard waited < .seconds(20) else {
                throw PrivateStackError(
                    .conflict, "\(last.name) (pid \(last.identity.pid)) of an earlier stack cannot be ended")
            }
            do {
                try await Task.sleep(for: .milliseconds(20))
            } catch {
                throw PrivateStackError(.interrupted, "interrupted")
            }
        }
        unlink(state.children)
    }
}
