/// Shows on standard error how tasks come on.
struct ProgressDisplay {
    /// - Returns: the end of it: every task is finished.
    func follow(_ waiter: consuming TaskWaiter) async throws -> TaskProgress {
        var waiter = waiter
        var block = LiveBlock()
        let start = ContinuousClock.now
        func lines(_ progress: TaskProgress) -> [String] {
            progress.lines(elapsed: ContinuousClock.now - start)
        }
        try await waiter.wait { block.draw(lines($0)) }
        block.finish(lines(waiter.progress))
        return waiter.progress
    }
}
