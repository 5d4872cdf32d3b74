import FleetCore
import Foundation
import Glibc
import Logging
import ProcessProbes
import ServiceLifecycle
import Synchronization
import Telemetry
import UnixSignals

/// One of the fleet's executables: its services in the order of their start.
protocol FleetProcess {
    /// Names the process in logs and metrics.
    static var role: String { get }
    /// After SIGTERM the process may take this long before its work is broken off; nil: as long as it takes.
    static var longestShutdown: Duration? { get }

    /// Composes the services; each may use those before it. Throws ``BootError`` for whatever a human has to change.
    func services(_ boot: Boot) async throws -> [any Service]
}

extension FleetProcess {
    static var longestShutdown: Duration? { .seconds(120) }
}

/// What every process gets to compose itself with.
struct Boot: Sendable {
    var settings: Settings
    var logger: Logger
    var registry: MetricsRegistry
    /// Asked by `/readyz`.
    let readiness = ReadinessSwitch()

    /// Unique among the processes of a fleet: host and process id.
    var defaultName: String { "\(ProcessInfo.processInfo.hostName)-\(getpid())" }

    /// Today's UTC day.
    var today: String { Timestamp.day(microseconds: Self.nowMicroseconds) }

    static var nowMicroseconds: Int {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return time.tv_sec * 1_000_000 + time.tv_nsec / 1000
    }

    /// Returns when the process is asked to stop.
    func untilShutdown() async {
        try? await gracefulShutdown()
    }

    /// Repeats until the process is asked to stop.
    func every(_ interval: Duration, _ body: @escaping @Sendable () async -> Void) async {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await body()
                try? await Task.sleep(for: interval)
            }
        }
    }
}

/// Whether a process can do its work, as the composed process knows best.
final class ReadinessSwitch: Sendable {
    private struct State {
        var checks: (@Sendable () -> [Readiness.Check])?
        var needs: [DependencyProbe] = []
        var details: [DependencyProbe] = []
        var isDraining = false
    }

    private let state = Mutex(State())

    /// Sets the questions to ask.
    func use(_ checks: @escaping @Sendable () -> [Readiness.Check]) {
        state.withLock { $0.checks = checks }
    }

    /// Sets what is needed besides, and has to be asked.
    func need(_ probes: DependencyProbe...) {
        state.withLock { $0.needs = probes }
    }

    /// Sets what `?verbose` shows besides; it decides nothing.
    func show(_ probes: [DependencyProbe]) {
        state.withLock { $0.details = probes }
    }

    /// From now on not ready: others take over.
    func drain() {
        state.withLock { $0.isDraining = true }
    }

    /// Whether the process is ready.
    var current: Readiness {
        let state = state.withLock { $0 }
        let checks = state.checks?() ?? [Readiness.Check("start", problem: "starting")]
        return Readiness(isDraining: state.isDraining, checks: checks + Self.answers(state.needs))
    }

    /// What decides nothing.
    var details: [Readiness.Check] { Self.answers(state.withLock(\.details)) }

    /// What has to be asked, again and again.
    var probes: [DependencyProbe] { state.withLock { $0.needs + $0.details } }

    private static func answers(_ probes: [DependencyProbe]) -> [Readiness.Check] {
        probes.map { Readiness.Check($0.name, problem: $0.problem) }
    }
}
