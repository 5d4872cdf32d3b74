import FleetLimits
import RedisClient
import Synchronization

/// Redis in memory: it runs the product's own scripts, with Lua, on its own clock.
final class SimulatedRedis: Sendable {
    private struct Engine {
        let keyspace: SimulatedKeyspace
        let machine: LuaMachine
    }

    private let engine: Mutex<Engine>

    init(clock: @escaping @Sendable () -> Int) {
        let keyspace = SimulatedKeyspace(clock: clock)
        engine = Mutex(Engine(keyspace: keyspace, machine: LuaMachine(keyspace: keyspace)))
    }

    func flush() { engine.withLock { $0.keyspace.flush() } }

    func run(_ arguments: [String]) -> RedisValue { engine.withLock { $0.keyspace.run(arguments) } }

    func evaluate(_ script: RedisScript, keys: [String], arguments: [String]) -> RedisValue {
        engine.withLock { $0.machine.run(script, keys: keys, arguments: arguments) }
    }
}

/// A worker's way to the simulated Redis.
struct SimulatedScriptServer: ScriptingRedis {
    let redis: SimulatedRedis
    let link: any Route

    func command(_ arguments: [String]) async throws -> RedisValue {
        try await link.call { redis.run(arguments) }
    }

    func evaluate(_ script: RedisScript, keys: [String], arguments: [String]) async throws -> RedisValue {
        try await link.call { redis.evaluate(script, keys: keys, arguments: arguments) }
    }
}
