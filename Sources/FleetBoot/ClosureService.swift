import ServiceLifecycle

/// A service made of two closures: one that works until it is told to end, one that tells it.
///
/// Services shut down in the reverse order of their start, each before the next: what a service uses stands before it.
struct ClosureService: Service {
    let body: @Sendable () async throws -> Void
    let onShutdown: @Sendable () async -> Void

    /// - Parameters:
    ///   - body: returns once `onShutdown` has done its work.
    ///   - onShutdown: runs beside the body when the process is asked to stop.
    init(_ body: @escaping @Sendable () async throws -> Void, onShutdown: @escaping @Sendable () async -> Void) {
        self.body = body
        self.onShutdown = onShutdown
    }

    func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await body() }
            group.addTask {
                try? await gracefulShutdown()
                if !Task.isCancelled { await onShutdown() }
            }
            try await group.next()
            // The body has returned by itself: nobody needs to tell it any more.
            if !Task.isShuttingDownGracefully { group.cancelAll() }
            try await group.waitForAll()
        }
    }
}
