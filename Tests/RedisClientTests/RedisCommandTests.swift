import RedisClient
import TestServers
import Testing

@Suite(.timeLimit(.minutes(1)))
struct RedisCommandTests {
    @Test func everyReplyTypeIsUnderstood() async throws {
        try await TestRedis.withClient { client in
            let key = "types \(#line)"
            _ = try await client.command(["DEL", key])
            #expect(try await client.command(["SET", key, "grüße 🚀"]) == .status("OK"))
            #expect(try await client.command(["GET", key]).string == "grüße 🚀")
            #expect(try await client.command(["GET", "absent \(key)"]) == .null)
            #expect(try await client.command(["STRLEN", key]) == .integer(12))
            #expect(try await client.command(["SET", key, ""]).string == "OK")
            #expect(try await client.command(["GET", key]) == .bulk([]))
            #expect(try await client.command(["EXISTS", key]).int == 1)
            let nested = try await client.command(["EVAL", "return {1, {'a', false}, redis.error_reply('BAD x')}", "0"])
            #expect(nested == .array([.integer(1), .array([.bulk([97]), .null]), .error("BAD x")]))
            _ = try await client.command(["DEL", key])
        }
    }

    @Test func argumentsAreBinarySafe() async throws {
        try await TestRedis.withClient { client in
            let key = [UInt8]("binary \0 key \r\n".utf8)
            let value = [UInt8](0...255)
            _ = try await client.command([[UInt8]("SET".utf8), key, value])
            #expect(try await client.command([[UInt8]("GET".utf8), key]).bytes == value)
            _ = try await client.command([[UInt8]("DEL".utf8), key])
        }
    }

    @Test func errorReplyIsThrownByCommandsAndReturnedByPipelines() async throws {
        try await TestRedis.withClient { client in
            let error = try await failure { _ = try await client.command(["NONSENSE", "hunter2"]) }
            #expect(error.code == .server("ERR"))
            #expect(!"\(error)".contains("hunter2"))
            let replies = try await client.pipeline([["PING"], ["NONSENSE"], ["ECHO", "x"]])
            #expect(replies.count == 3)
            #expect(replies[0] == .status("PONG"))
            guard case .error = replies[1] else {
                Issue.record("not an error: \(replies[1])")
                return
            }
            #expect(replies[2].string == "x")
            let empty = try await failure { _ = try await client.command([String]()) }
            #expect(empty.code == .server("ERR"))
            #expect(try await client.pipeline([]).isEmpty)
        }
    }

    @Test func tenThousandCallersAreAnsweredEachItsOwn() async throws {
        try await TestRedis.withClient { client in
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<10_000 {
                    group.addTask { try await client.command(["ECHO", "\(number)"]).int == number }
                }
                for try await isRight in group where !isRight { Issue.record("an answer went to another caller") }
            }
        }
    }

    @Test func pipelineBeyondTheBatchLimitStaysInOrder() async throws {
        try await TestRedis.withClient { client in
            let replies = try await client.pipeline((0..<5000).map { ["ECHO", "\($0)"] })
            #expect(replies.map(\.int) == Array(0..<5000))
        }
    }

    @Test func largeValuesPass() async throws {
        try await TestRedis.withClient { client in
            let text = String(repeating: "x", count: 8 << 20)
            let answer = try await client.command(["ECHO", text]).string
            #expect(answer == text)
        }
    }

    @Test func scriptIsLoadedAgainAfterAFlush() async throws {
        try await PrivateRedis.with { server in
            try await TestRedis.withClient(url: server.url) { client in
                let script = RedisScript("return {KEYS[1], ARGV[1], redis.call('INCR', KEYS[1])}")
                for round in 1...3 {
                    let reply = try await client.evaluate(script, keys: ["k"], arguments: ["a"])
                    #expect(reply.array?.map(\.string) == ["k", "a", nil])
                    #expect(reply.array?.last?.int == round)
                    _ = try await client.command(["SCRIPT", "FLUSH"])
                }
                let broken = try await failure {
                    _ = try await client.evaluate(RedisScript("not lua"), keys: [], arguments: [])
                }
                #expect(broken.code == .server("ERR"))
            }
        }
    }

    @Test func databaseOfTheURLIsSelected() async throws {
        try await PrivateRedis.with { server in
            try await TestRedis.withClient(url: "redis://127.0.0.1:\(server.port)/5") { five in
                try await TestRedis.withClient(url: server.url) { zero in
                    _ = try await five.command(["SET", "k", "five"])
                    let value = try await zero.command(["GET", "k"])
                    #expect(value == .null)
                }
            }
            let error = try await failure {
                try await TestRedis.withClient(url: "redis://127.0.0.1:\(server.port)/5000") {
                    _ = try await $0.command(["PING"])
                }
            }
            #expect(error.code == .server("ERR"))
        }
    }

    @Test func shutDownClientRefuses() async throws {
        let client = RedisClient(configuration: try RedisConfiguration(url: TestServer.redis.url()))
        _ = try await client.command(["PING"])
        await client.shutdown()
        await client.shutdown()
        let error = try await failure { _ = try await client.command(["PING"]) }
        #expect(error.code == .shutDown)
    }

    @Test func shutdownAnswersEveryCaller() async throws {
        let client = RedisClient(configuration: try RedisConfiguration(url: TestServer.redis.url()))
        let answered = TestCounter()
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<2000 {
                group.addTask {
                    let reply = try? await client.command(["ECHO", "\(number)"])
                    #expect(reply == nil || reply?.int == number)
                    answered.increment()
                }
            }
            group.addTask { await client.shutdown() }
        }
        #expect(answered.value == 2000)
    }

    @Test func cancelledCallerSendsNothing() async throws {
        try await TestRedis.withClient { client in
            let error = try await withThrowingTaskGroup(of: RedisError.self) { group in
                group.cancelAll()
                group.addTask { try await failure { _ = try await client.command(["PING"]) } }
                return try await group.next()
            }
            #expect(error?.code == .cancelled)
        }
    }
}
