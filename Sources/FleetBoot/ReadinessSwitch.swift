package import ProcessProbes
import Synchronization

/// Whether a process can do its work, as the composed process knows best.
package final class ReadinessSwitch: Sendable {
    private struct State {
        var checks: (@Sendable () -> [Readiness.Check])?
        var needs: [DependencyProbe] = []
        var details: [DependencyProbe] = []
        var isDraining = false
    }

    private let state = Mutex(State())

    /// Sets the questions to ask.
    package func setChecks(_ checks: @escaping @Sendable () -> [Readiness.Check]) {
        state.withLock { $0.checks = checks }
    }

    /// Sets what is needed besides, and has to be asked.
    package func need(_ probes: DependencyProbe...) {
        state.withLock { $0.needs = probes }
    }

    /// Sets what `?verbose` shows besides; it decides nothing.
    package func show(_ probes: [DependencyProbe]) {
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
