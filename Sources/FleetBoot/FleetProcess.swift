package import ServiceLifecycle

/// One of the fleet's executables: its services in the order of their start.
package protocol FleetProcess {
    /// Names the process in logs and metrics.
    static var role: String { get }
    /// After SIGTERM the process may take this long before its work is broken off; nil: as long as it takes.
    static var longestShutdown: Duration? { get }

    /// Composes the services; each may use those before it. Throws ``BootError`` for whatever a human has to change.
    func services(_ context: ProcessContext) async throws -> [any Service]
}

extension FleetProcess {
    package static var longestShutdown: Duration? { .seconds(120) }
}
