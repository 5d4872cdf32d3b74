import FleetCore
import Synchronization

/// How calls reach a server's state: over a simulated network, or directly in a conformance test.
protocol Route: Sendable {
    /// Carries out an effect, once or not at all; an error does not say which.
    func call<Value: Sendable>(_ effect: @Sendable () throws -> Value) async throws -> Value
}

/// Nothing between caller and state.
struct DirectRoute: Route {
    func call<Value: Sendable>(_ effect: @Sendable () throws -> Value) async throws -> Value { try effect() }
}

/// The way between one process and one server: it takes time, may be cut, may lose an answer after the effect, and is
/// where a process dies between two effects.
final class NetworkPath: Route {
    fileprivate struct State {
        var isCut = false
        var repliesToLose = 0
    }

    /// A caller learns of a cut link, or of a lost reply, after this long.
    static let timeout: Duration = .seconds(5)
    /// The pool's time for a connection.
    private static let connectionPatience: Duration = .seconds(10)

    let process: SimulatedProcess
    let server: SimulatedServer
    private let dice: Dice
    private let state = Mutex(State())

    init(from process: SimulatedProcess, to server: SimulatedServer, dice: Dice) {
        self.process = process
        self.server = server
        self.dice = dice
    }

    /// The network swallows everything.
    func cut(_ isCut: Bool) { state.withLock { $0.isCut = isCut } }

    /// The next replies are lost: the effect happens, the caller does not hear of it.
    func loseReplies(_ count: Int) { state.withLock { $0.repliesToLose += count } }

    var isOpen: Bool { process.isAlive && server.isUp && !state.withLock { $0.isCut } }

    func call<Value: Sendable>(_ effect: @Sendable () throws -> Value) async throws -> Value {
        try await travel()
        if process.burn(isAfterEffect: false) { process.kill() }
        guard process.isAlive else { throw SimulatedOutage.processDied }
        if !server.isUp { try await waitForServer() }
        let result = Result { try effect() }
        if process.burn(isAfterEffect: true) { process.kill() }
        if state.withLock({ $0.takeLostReply() }) {
            if server.name == .database { process.disturb(for: Self.timeout) }
            await process.pause(for: Self.timeout)
            throw SimulatedOutage.replyLost
        }
        try await travel()
        return try result.get()
    }

    /// The pool of the database's client tries again inside the call, with pauses of up to a second, for as long as it
    /// waits for a connection; other clients say at once that nobody is there.
    private func waitForServer() async throws {
        guard server.name == .database else { throw SimulatedOutage.refused }
        var left = Self.connectionPatience
        while !server.isUp {
            guard left > .zero else { throw SimulatedOutage.refused }
            let pause = dice.duration(.milliseconds(50), .seconds(1))
            left -= pause
            await process.pause(for: pause)
            guard process.isAlive else { throw SimulatedOutage.processDied }
        }
    }

    /// One way; throws if the process did not live to see the end of it, or the network let nothing through.
    private func travel() async throws {
        let latency = server.latency
        await process.pause(for: dice.duration(latency.lowerBound, latency.upperBound))
        guard process.isAlive else { throw SimulatedOutage.processDied }
        if state.withLock({ $0.isCut }) {
            await process.pause(for: Self.timeout)
            throw SimulatedOutage.replyLost
        }
    }
}

extension NetworkPath.State {
    mutating func takeLostReply() -> Bool {
        guard repliesToLose > 0 else { return false }
        repliesToLose -= 1
        return true
    }
}

/// What a caller sees of an outage.
enum SimulatedOutage: Error {
    case refused
    case replyLost
    /// Thrown to tasks of a killed process: nobody is there to see it.
    case processDied
}
