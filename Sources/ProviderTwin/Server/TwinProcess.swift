import HTTPServing
import Logging
import ServiceLifecycle
import Telemetry
import UnixSignals

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Runs the twin as a process: logs on standard output, drains on SIGTERM or SIGINT, stops at once on a second one.
package enum TwinProcess {
    private static let longestDrain = Duration.seconds(60)

    /// - Throws: `TwinError` or the system's error when the twin cannot start.
    package static func run(_ configuration: TwinConfiguration) async throws {
        OpenFiles.raiseLimit()
        let logger = Logger(label: "provider-twin") {
            JSONLogHandler(label: $0, role: "provider-twin", name: "provider-twin", level: .info)
        }
        var settings = ServiceGroupConfiguration(
            services: [TwinServer(configuration: configuration, logger: logger)], logger: logger
        )
        settings.maximumGracefulShutdownDuration = longestDrain
        let group = ServiceGroup(configuration: settings)
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            tasks.addTask {
                var isDraining = false
                for await signal in signals {
                    if isDraining { exit(1) }
                    isDraining = true
                    logger.info("draining", metadata: ["signal": "\(signal)"])
                    await group.triggerGracefulShutdown()
                }
                // Cancelled: the group has ended and ends the process.
            }
            try await tasks.next()
            tasks.cancelAll()
        }
        logger.info("stopped")
    }
}
