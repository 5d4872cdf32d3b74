import RedisClient
import TestServers
import Testing

/// The server dies, freezes, comes back, forgets and refuses.
@Suite(.timeLimit(.minutes(1)), .serialized)
struct RedisRecoveryTests {
    @Test func absentServerFailsCommandsAtOnce() async throws {
        let port = try FreePort.find()
        try await TestRedis.withClient(url: "redis://:hunter2@127.0.0.1:\(port)") { client in
            // Were it not at once, a thousand timeouts would take longer than the test may.
            for _ in 0..<1000 {
                let error = try await failure { _ = try await client.command(["PING"]) }
                #expect(error.code == .unavailable)
                #expect(!error.mayHaveRun)
                #expect(!"\(error)".contains("hunter2"))
            }
        }
    }

    @Test func killedServerIsFoundAgain() async throws {
        try await PrivateRedis.with { server in
            try await TestRedis.withClient(url: server.url) { client in
                let script = RedisScript("return 5")
                #expect(try await client.evaluate(script, keys: [], arguments: []).int == 5)
                server.kill()
                for _ in 0..<200 {
                    let error = try await failure { _ = try await client.command(["PING"]) }
                    #expect([.unavailable, .connectionLost].contains(error.code))
                }
                try server.start()
                try await server.waitUntilReady()
                try await client.findServerAgain()
                #expect(try await client.evaluate(script, keys: [], arguments: []).int == 5)
            }
        }
    }

    @Test func restartBetweenCommandsGoesUnnoticed() async throws {
        try await PrivateRedis.with { server in
            try await TestRedis.withClient(url: server.url) { client in
                _ = try await client.command(["PING"])
                server.kill()
                try server.start()
                try await server.waitUntilReady()
                let reply = try await client.command(["PING"])
                #expect(reply == .status("PONG"))
            }
        }
    }

    @Test func frozenServerTimesOutAndRecovers() async throws {
        try await PrivateRedis.with { server in
            try await TestRedis.withClient(
                url: server.url,
                {
                    $0.commandTimeout = .milliseconds(300)
                    $0.connectTimeout = .milliseconds(300)
                }
            ) { client in
                _ = try await client.command(["SET", "k", "before"])
                server.freeze()
                let silent = try await failure { _ = try await client.command(["ECHO", "lost"]) }
                #expect(silent.code == .timeout)
                #expect(silent.mayHaveRun)
                // The kernel still accepts connections for a stopped server; nobody answers on them. One caller finds
                // out, the others are told: a timeout each would take longer than the test may.
                await withTaskGroup(of: Void.self) { group in
                    for _ in 0..<1000 {
                        group.addTask {
                            do {
                                _ = try await client.command(["PING"])
                                Issue.record("a stopped server answered")
                            } catch {
                                #expect((error as? RedisError)?.code == .unavailable)
                            }
                        }
                    }
                }
                server.thaw()
                try await client.findServerAgain()
                #expect(try await client.command(["GET", "k"]).string == "before")
            }
        }
    }

    @Test func wrongOrMissingPasswordIsReported() async throws {
        try await PrivateRedis.with(password: PrivateRedis.password) { server in
            for credentials in [":hunter2@", "default:hunter2@", ""] {
                try await TestRedis.withClient(url: "redis://\(credentials)127.0.0.1:\(server.port)") { client in
                    for _ in 0..<2 {
                        let error = try await failure { _ = try await client.command(["PING"]) }
                        #expect(error.code == .authenticationFailed)
                        #expect(!"\(error)".contains("hunter2"))
                    }
                }
            }
            for credentials in [":se%3Ac%2Fr%40et@", "default:se%3Ac%2Fr%40et@"] {
                try await TestRedis.withClient(url: "redis://\(credentials)127.0.0.1:\(server.port)") { client in
                    let reply = try await client.command(["PING"])
                    #expect(reply == .status("PONG"))
                }
            }
        }
    }

    @Test func flushedServerAnswersWithNothing() async throws {
        try await PrivateRedis.with { server in
            try await TestRedis.withClient(url: server.url) { client in
                let script = RedisScript("return redis.call('INCR', KEYS[1])")
                for _ in 0..<2 {
                    #expect(try await client.evaluate(script, keys: ["n"], arguments: []).int == 1)
                    _ = try await client.pipeline([["FLUSHALL"], ["SCRIPT", "FLUSH"]])
                    let value = try await client.command(["GET", "n"])
                    #expect(value == .null)
                }
            }
        }
    }

    @Test func deadPeerDoesNotEndTheProcess() async throws {
        try await PrivateRedis.with { server in
            try await TestRedis.withClient(url: server.url) { client in
                let text = String(repeating: "x", count: 4 << 20)
                await withTaskGroup(of: Void.self) { group in
                    for _ in 0..<32 { group.addTask { _ = try? await client.command(["ECHO", text]) } }
                    group.addTask { server.kill() }
                }
                let error = try await failure { _ = try await client.command(["PING"]) }
                #expect([.unavailable, .connectionLost].contains(error.code))
            }
        }
    }
}
