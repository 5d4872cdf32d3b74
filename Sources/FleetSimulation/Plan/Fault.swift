import FleetCore

/// Something that goes wrong at a moment of a simulation.
enum Fault: Sendable {
    /// kill -9; another process takes the place after the pause.
    case kill(ProcessRole, pause: Duration)
    /// kill -9 right before or after one of its next effects on a server.
    case fuse(ProcessRole, SimulatedProcess.Fuse, pause: Duration)
    /// SIGSTOP, and SIGCONT after a while.
    case stop(ProcessRole, Duration)
    /// SIGTERM.
    case terminate(ProcessRole, pause: Duration)
    case cut(ProcessRole, SimulatedServer.Name, Duration)
    case loseReplies(ProcessRole, SimulatedServer.Name, Int)
    case down(SimulatedServer.Name, Duration)
    /// The database is away and nothing else is wrong: nobody may be taken for dead.
    case outage(Duration)
    case slow(SimulatedServer.Name, factor: Int, Duration)
    case brokerLosesData(Duration)
    case loseMessages(Int)
    case duplicateMessages(Int)
    case disorder(Duration)
    case flushRedis
    case clockStep(SimulatedServer.Name, Duration)
    case provider(SimulatedProvider.Faults, Duration)
    case refusal(Refusal, Duration)
}

/// A place in the fleet that a process fills.
enum ProcessRole: Hashable, Sendable, CustomStringConvertible {
    case worker(Int)
    case scheduler(Int)

    var description: String {
        switch self {
        case .worker(let index): "worker-\(index + 1)"
        case .scheduler(let index): "scheduler-\(index + 1)"
        }
    }
}

extension Fault: CustomStringConvertible {
    var description: String {
        switch self {
        case .kill(let role, let pause): "kill \(role), back after \(pause)"
        case .fuse(let role, let fuse, let pause):
            "kill \(role) \(fuse.isAfterEffect ? "after" : "before") effect \(fuse.effects), back after \(pause)"
        case .stop(let role, let duration): "stop \(role) for \(duration)"
        case .terminate(let role, let pause): "terminate \(role), back after \(pause)"
        case .cut(let role, let server, let duration): "cut \(role) from \(server.rawValue) for \(duration)"
        case .loseReplies(let role, let server, let count): "lose \(count) replies of \(server.rawValue) to \(role)"
        case .down(let server, let duration): "\(server.rawValue) down for \(duration)"
        case .outage(let duration): "database away for \(duration), all else well"
        case .slow(let server, let factor, let duration): "\(server.rawValue) \(factor) times slower for \(duration)"
        case .brokerLosesData(let duration): "broker down for \(duration), its data deleted"
        case .loseMessages(let count): "lose \(count) messages"
        case .duplicateMessages(let count): "double \(count) messages"
        case .disorder(let duration): "deliver out of order for \(duration)"
        case .flushRedis: "FLUSHALL"
        case .clockStep(let server, let step): "clock of \(server.rawValue) steps by \(step)"
        case .provider(let faults, let duration): "provider for \(duration): \(faults)"
        case .refusal(let refusal, let duration):
            "\(refusal.scope) answers \(refusal.code.rawValue) for \(duration) to \(refusal.chance) of all requests"
        }
    }
}
