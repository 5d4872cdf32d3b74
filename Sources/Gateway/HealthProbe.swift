/// A dependency that the health route asks about.
public struct HealthProbe: Sendable {
    /// The member of `services`: `database`, `redis`, `message_queue`, `ai_service`.
    public var name: String
    /// Without it nothing works: the answer is 503.
    public var isEssential: Bool
    /// Throws if the dependency is away. Has to end soon after its task is cancelled.
    public var check: @Sendable () async throws -> Void

    /// A probe whose failure makes the service degraded, or down if it is essential.
    public init(_ name: String, isEssential: Bool = false, check: @escaping @Sendable () async throws -> Void) {
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
