package import RedisClient

/// What the limiter needs of Redis: one atomic script at a time, and single commands.
package protocol ScriptingRedis: Sendable {
    func command(_ arguments: [String]) async throws -> RedisValue
    func evaluate(_ script: RedisScript, keys: [String], arguments: [String]) async throws -> RedisValue
}

extension RedisClient: ScriptingRedis {}
