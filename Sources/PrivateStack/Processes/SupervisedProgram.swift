import Glibc

/// What the supervisor has to know about a process to keep it running.
protocol SupervisedProgram: Sendable {
    var name: String { get }
    var role: StackRole { get }
    var metricsPort: Int? { get }
    /// Asks it to end in order.
    var stopSignal: Int32 { get }
    /// Asks it to end once it has finished what it has, however long that takes.
    var drainSignal: Int32 { get }
    /// How long it may take to end in order before it is killed.
    var stopGrace: Duration { get }
    /// What a next supervisor sends to a process this one left behind.
    var leftoverSignal: Int32 { get }
    /// The pause before the first restart. Servers get one, so that whoever killed one can delete its data.
    var restartPause: Duration { get }

    /// Makes everything ready, at every start, and says what to run.
    func prepare() async throws(PrivateStackError) -> SpawnRequest
    func isReady() async -> Bool
    /// False once the data of the running server was deleted under it.
    func isDataIntact() -> Bool
}

extension SupervisedProgram {
    var metricsPort: Int? { nil }
    var stopSignal: Int32 { SIGTERM }
    var drainSignal: Int32 { SIGUSR1 }
    var leftoverSignal: Int32 { SIGKILL }
    func isDataIntact() -> Bool { true }
}
