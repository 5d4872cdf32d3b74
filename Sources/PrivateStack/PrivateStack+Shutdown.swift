import Logging

extension PrivateStack {
    /// Who ends before whom: nobody loses a server, or the providers' stand-in, while still working.
    private static let order: [Set<StackRole>] = [
        [.worker], [.scheduler], [.gateway], [.twin], [.redis, .rabbitmq, .postgres],
    ]

    /// Ends every process in order.
    func shutDown() async {
        phase = .stopping
        let deadline = ContinuousClock.now + options.drainLimit
        for roles in Self.order {
            let stage = processes.filter { roles.contains($0.program.role) }
            await withDiscardingTaskGroup { group in
                for process in stage {
                    // The limit is for all our processes together, yet each gets a moment to end in order.
                    let rest = max(.seconds(1), deadline - .now)
                    let grace = process.program.role.isServer ? nil : rest
                    group.addTask { await process.retire(within: grace) }
                }
            }
        }
    }

    /// What names processes and servers that no longer run. After the last loop has ended: each writes once more.
    func removeTraces() {
        for file in [options.state.processes, options.state.environment] {
            do throws(PrivateStackError) {
                try StateDirectory.remove(file)
            } catch {
                logger.warning("not removed", metadata: ["error": "\(error)"])
            }
        }
    }
}
