import FleetLimits
import FleetTesting
import Foundation
import RedisClient
import TestServers
import Testing

@testable import FleetSimulation

/// The simulated Redis answers as the real one: one random sequence of commands on both, and scripts that pass values
/// of every kind to Lua and back.
@Suite(.timeLimit(.minutes(1))) struct SimulatedRedisConformanceTests {
    private func run(_ body: (RedisClient, SimulatedRedis) async throws -> Void) async throws {
        let start = ContinuousClock.now
        let simulated = SimulatedRedis {
            Int((ContinuousClock.now - start) / .microseconds(1)) + 1_767_225_600_000_000
        }
        try await withResource(
            RedisClient(configuration: try RedisConfiguration(url: TestServer.redis.url())),
            close: { await $0.shutdown() }, body: { try await body($0, simulated) })
    }

    @Test(arguments: UInt64(1)...5) func bothGiveTheSameReplies(seed: UInt64) async throws {
        try await run { redis, simulated in
            var generator = SeededGenerator(seed: seed)
            let tag = UUID().uuidString
            func pick<Element>(_ elements: [Element]) -> Element {
                elements[Int.random(in: 0..<elements.count, using: &generator)]
            }
            for _ in 0..<1000 {
                let (hash, set) = ("\(tag)h\(pick([1, 2]))", "\(tag)z\(pick([1, 2]))")
                let (field, other) = ("f\(pick([1, 2, 3, 4]))", "f\(pick([1, 2, 3, 4]))")
                let number = String(pick([-3, 0, 1, 7, 100_000]))
                let command = pick([
                    ["HSET", hash, field, number], ["HSET", hash, field, number, other, "5"], ["HGET", hash, field],
                    ["HMGET", hash, field, other, "none"], ["HINCRBY", hash, field, number],
                    ["HSETNX", hash, field, number],
                    ["DEL", hash],
                    ["HDEL", hash, field, other], ["PEXPIRE", hash, "60000"], ["ZADD", set, number, field],
                    ["ZADD", set, number, field, "9", other], ["ZCARD", set], ["ZREM", set, field],
                    ["ZSCORE", set, field], ["ZREMRANGEBYSCORE", set, "-inf", number],
                ])
                // How many were new is nothing that the limiter asks for.
                let ignoresReply = command[0] == "HSET"
                let (real, other2) = (try await redis.command(command), simulated.run(command))
                if !ignoresReply { #expect(real == other2, "\(command)") }
            }
            _ = try await redis.command(["DEL", "\(tag)h1", "\(tag)h2", "\(tag)z1", "\(tag)z2"])
        }
    }

    @Test func valuesPassThroughLuaAlike() async throws {
        try await run { redis, simulated in
            let key = UUID().uuidString
            let script = RedisScript(
                """
                redis.call('HSET', KEYS[1], 'a', ARGV[1], 'n', 3)
                local missing = redis.call('HGET', KEYS[1], 'x')
                local list = redis.call('HMGET', KEYS[1], 'a', 'x', 'n')
                redis.call('PEXPIRE', KEYS[1], 1000)
                return {missing == false and 'none' or 'some', list[1], list[2], tonumber(list[3]) / 2, #list, 1.9, -1.9,
                    {'nested', 4}, redis.call('HINCRBY', KEYS[1], 'n', math.floor(2.7)), tostring(10 / 4)}
                """)
            let real = try await redis.evaluate(script, keys: [key], arguments: ["é 1"])
            let other = simulated.evaluate(script, keys: [key], arguments: ["é 1"])
            #expect(real == other)
        }
    }
}
