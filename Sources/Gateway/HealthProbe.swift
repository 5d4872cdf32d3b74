/// A dependency that the health route asks about.
package struct HealthProbe: Sendable {
    /// The member of `services`: `database`, `redis`, `message_queue`, `ai_service`.
    package var name: String
    /// Without it nothing works: the answer is 503.
    package var isEssential: Bool
    /// Throws if the dependency is away. Has to end soon after its task is cancelled.
    package var check: @Sendable () async throws -> Void

    /// A probe whose failure makes the service degraded, or down if it is essential.
    package init(_ name: String, isEssential: Bool = false, check: @escaping @Sendable () async throws -> Void) {
        self.name = name
        self.isEssential = isEssential
        self.check = check
    }

    /// Whether the check ended well in time.
    func isHealthy(within timeout: Duration) async -> Bool {
        await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                do {
                    try await check()
                    return true
                } catch {
                    return false
                }
            }
            group.addTask {
                try? await Task.sleep(for: timeout)
                return false
            }
            let first = await group.next() ?? false
            group.cancelAll()
            return first
        }
    }
}
