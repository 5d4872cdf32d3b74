import Glibc

/// One of our processes, as the plan describes it.
struct FleetProgram: SupervisedProgram {
    let spec: ProcessSpec
    let log: String

    var name: String { spec.name }
    var role: StackRole { spec.role }
    var metricsPort: Int? { spec.metricsPort }
    var stopGrace: Duration { .seconds(20) }
    var restartPause: Duration { .zero }

    func prepare() throws(PrivateStackError) -> SpawnRequest {
        guard access(spec.executable, X_OK) == 0 else {
            throw PrivateStackError(.programMissing, "\(spec.executable) is missing: build it first")
        }
        return ParentDeathSignal.wrap(
            SpawnRequest(
                executable: spec.executable, arguments: spec.arguments,
                environment: SpawnRequest.commonEnvironment.merging(spec.environment) { $1 }, output: .file(log),
                workingDirectory: spec.workingDirectory),
            parentDeathSignal: "KILL")
    }

    func isReady() async -> Bool {
        switch spec.readiness {
        case .http(let port, let path): await ReadinessProbe.http(port: port, path: path)
        case .tcp(let port): await ReadinessProbe.tcp(port: port)
        case .immediate: true
        }
    }
}
