import FleetCore
import Foundation
import Glibc
package import Logging
import ServiceLifecycle
package import Telemetry
import UTC

/// What every process gets to compose itself with.
package struct ProcessContext: Sendable {
    package let settings: Settings
    package let logger: Logger
    package let registry: MetricsRegistry
    /// Asked by `/readyz`.
    package let readiness = ReadinessSwitch()
    /// Served beside the probes.
    package let pages = ProbePages()
    /// On: whoever asked the process to end lets work in flight take as long as it does.
    package let patience = DrainPatience()

    /// Unique among the processes of a fleet: host and process id.
    package var defaultName: String { "\(ProcessInfo.processInfo.hostName)-\(getpid())" }

    /// Today's UTC day.
    package var today: String { Timestamp.day(microseconds: Timestamp.now) }

    /// Returns when the process is asked to stop.
    package func untilShutdown() async {
        try? await gracefulShutdown()
    }

    /// Repeats until the process is asked to stop.
    package func every(_ interval: Duration, _ body: @escaping @Sendable () async -> Void) async {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await body()
                try? await Task.sleep(for: interval)
            }
        }
    }
}
