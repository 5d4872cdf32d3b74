import RedisClient
import Testing

@Suite(.timeLimit(.minutes(1)), .serialized)
struct RedisTLSTests {
    @Test(arguments: ["TLSv1.2", "TLSv1.3"])
    func encryptedConnectionDoesAllThatAPlainOneDoes(version: String) async throws {
        try await withServer(arguments: ["--tls-protocols", version], password: PrivateRedis.password) { server in
            for host in ["localhost", "127.0.0.1"] {
                let url = server.url(host: host, credentials: ":se%3Ac%2Fr%40et@", database: 3)
                try await TestRedis.withClient(url: url) { client in
                    let script = RedisScript("return {KEYS[1], ARGV[1], redis.call('INCR', KEYS[1])}")
                    _ = try await client.pipeline([["DEL", "k"], ["SCRIPT", "FLUSH"]])
                    for round in 1...3 {
                        let reply = try await client.evaluate(script, keys: ["k"], arguments: ["a"])
                        #expect(reply.array?.first?.string == "k")
                        #expect(reply.array?.last?.int == round)
                    }
                    let replies = try await client.pipeline((0..<5000).map { ["ECHO", "\($0)"] })
                    #expect(replies.map(\.int) == Array(0..<5000))
                    let bytes = [UInt8](0...255)
                    #expect(try await client.command([[UInt8]("ECHO".utf8), bytes]).bytes == bytes)
                    let large = String(repeating: "x", count: 8 << 20)
                    #expect(try await client.command(["ECHO", large]).string == large)
                    #expect(try await client.command(["CLIENT", "INFO"]).string?.contains(" db=3 ") == true)
                }
            }
        }
    }

    @Test func concurrentCallersAreAnsweredEachItsOwn() async throws {
        try await withServer { server in
            try await TestRedis.withClient(url: server.url) { client in
                try await withThrowingTaskGroup(of: Bool.self) { group in
                    for number in 0..<5000 {
                        // Longer than a record, now and then.
                        let text = String(repeating: "\(number) ", count: number.isMultiple(of: 100) ? 10_000 : 1)
                        group.addTask { try await client.command(["ECHO", text]).string == text }
                    }
                    for try await isRight in group where !isRight { Issue.record("an answer went to another caller") }
                }
            }
        }
    }

    @Test func certificateOfAnotherAuthorityIsRefused() async throws {
        try await Certificates.with { files in
            try await PrivateRedis.with(tls: .init(files)) { server in
                // An authority that did not sign it, and the system's.
                for parameters in ["?cacertfile=\(files.certificate("other"))", ""] {
                    let url = "rediss://:hunter2@localhost:\(server.port)/0\(parameters)"
                    let error = try await refusal(url)
                    #expect(error.code == .tls)
                    #expect(error.description.contains("certificate"))
                    #expect(!error.mayHaveRun)
                    #expect(!"\(error)".contains("hunter2"))
                }
            }
        }
    }

    @Test func certificateForAnotherHostIsRefused() async throws {
        try await Certificates.with { files in
            try await PrivateRedis.with(tls: .init(files, identity: "stranger")) { server in
                for host in ["localhost", "127.0.0.1"] {
                    let error = try await refusal(server.url(host: host))
                    #expect(error.code == .tls)
                    #expect(error.description.contains("mismatch"))
                }
                try await TestRedis.withClient(url: "rediss://localhost:\(server.port)?verify=verify_none") { client in
                    let reply = try await client.command(["PING"])
                    #expect(reply == .status("PONG"))
                }
            }
        }
    }

    @Test func clientCertificateIsShown() async throws {
        try await Certificates.with { files in
            try await PrivateRedis.with(tls: .init(files, wantsClientCertificate: true)) { server in
                let anonymous = try await refusal(server.url)
                #expect(anonymous.code == .tls)
                let identity = "&certfile=\(files.certificate("client"))&keyfile="
                try await TestRedis.withClient(url: server.url + identity + files.key("client")) { client in
                    let reply = try await client.command(["PING"])
                    #expect(reply == .status("PONG"))
                }
                // Another certificate's key; no such file.
                for key in [files.key("server"), files.key("absent")] {
                    let error = try await refusal(server.url + identity + key)
                    #expect(error.code == .tls)
                    #expect(error.description.contains("certificate or key"))
                }
            }
        }
    }

    @Test func killedServerIsFoundAgain() async throws {
        try await withServer { server in
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
                // Between two commands it goes unnoticed.
                server.kill()
                try server.start()
                try await server.waitUntilReady()
                #expect(try await client.command(["PING"]) == .status("PONG"))
            }
        }
    }

    @Test func deadPeerDoesNotEndTheProcess() async throws {
        try await withServer { server in
            try await TestRedis.withClient(url: server.url) { client in
                let text = String(repeating: "x", count: 4 << 20)
                await withTaskGroup(of: Void.self) { group in
                    for _ in 0..<16 { group.addTask { _ = try? await client.command(["ECHO", text]) } }
                    group.addTask { server.kill() }
                }
                let error = try await failure { _ = try await client.command(["PING"]) }
                #expect([.unavailable, .connectionLost].contains(error.code))
            }
        }
    }

    @Test func frozenServerTimesOutAndRecovers() async throws {
        try await withServer { server in
            try await TestRedis.withClient(
                url: server.url,
                {
                    $0.commandTimeout = .milliseconds(300)
                    $0.connectTimeout = .milliseconds(300)
                }
            ) { client in
                // Slow machines may need more than one attempt for a handshake.
                try await client.findServerAgain()
                server.freeze()
                let silent = try await failure { _ = try await client.command(["ECHO", "lost"]) }
                #expect(silent.code == .timeout)
                #expect(silent.mayHaveRun)
                // Connections are still accepted; nobody shakes hands on them.
                let absent = try await failure { _ = try await client.command(["PING"]) }
                #expect(absent.code == .unavailable)
                #expect(!absent.mayHaveRun)
                server.thaw()
                try await client.findServerAgain()
            }
        }
    }

    @Test func plainServerIsNoneForTLS() async throws {
        try await PrivateRedis.with { server in
            // It waits for the end of a line and says nothing.
            let error = try await TestRedis.withClient(
                url: "rediss://localhost:\(server.port)", { $0.connectTimeout = .milliseconds(300) }
            ) { client in
                try await failure { _ = try await client.command(["PING"]) }
            }
            #expect(error.code == .unavailable)
        }
    }

    private func withServer(
        arguments: [String] = [], password: String? = nil, _ body: (PrivateRedis) async throws -> Void
    ) async throws {
        try await Certificates.with { files in
            try await PrivateRedis.with(password: password, tls: .init(files), arguments: arguments, body)
        }
    }

    /// How a first command fails.
    private func refusal(_ url: String) async throws -> RedisError {
        try await TestRedis.withClient(url: url) { client in
            try await failure { _ = try await client.command(["PING"]) }
        }
    }
}
