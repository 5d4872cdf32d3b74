import ServiceLifecycle

/// A service made of closures: some that work until they are told to end, one that tells them.
///
/// Services shut down in the reverse order of their start, each before the next: what a service uses stands before it,
/// and loops that only end together belong to one service.
package struct ClosureService: Service {
    private let bodies: [@Sendable () async throws -> Void]
    private let onShutdown: @Sendable () async -> Void

    /// - Parameters:
    ///   - bodies: run side by side; each returns once `onShutdown` has done its work.
    ///   - onShutdown: runs beside the bodies when the process is asked to stop.
    package init(_ bodies: [@Sendable () async throws -> Void], onShutdown: @escaping @Sendable () async -> Void = {}) {
        self.bodies = bodies
        self.onShutdown = onShutdown
    }

    package func run() async throws {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for body in bodies {
                group.addTask {
                    try await body()
                    return true
                }
            }
            group.addTask {
                try? await gracefulShutdown()
                if !Task.isCancelled { await onShutdown() }
                return false
            }
            var running = bodies.count
            while running > 0, let isBody = try await group.next() {
                if isBody { running -= 1 }
            }
            // The bodies have returned; if nobody asked them to, nobody needs to tell them any more.
            if !Task.isShuttingDownGracefully { group.cancelAll() }
            try await group.waitForAll()
        }
    }
}
