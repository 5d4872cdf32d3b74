import FleetStore
import Foundation
import PrivateStack
import ScriptedPeer
import TestServers
import Testing

@testable import Commands

/// What `mixmyai doctor` says of servers that cannot be used: a remedy that fits the cause, and never the password.
@Suite(.timeLimit(.minutes(2))) struct RemedyTests {
    /// The finding of one server, the others not being set.
    private func finding(_ check: String, _ values: [String: String]) async throws -> Finding {
        let fleet = FleetEnvironment(process: values, file: [:], state: StateDirectory("/s"), prefersFile: false)
        let servers = ServerCheck(fleet, BrokerCheck(fleet, agentTypes: []))
        let finding = try #require(await servers.findings().first { $0.name == check })
        #expect(!"\(finding)".contains("hunter2"), "\(finding)")
        return finding
    }

    private func url(_ server: TestServer, _ change: (inout URLComponents) -> Void) throws -> String {
        var components = try #require(URLComponents(string: try server.url()))
        change(&components)
        return try #require(components.string)
    }

    private static let refused = "nothing listens there: check that the server runs"
    private static let webServer = "an HTTP server answers there: correct host and port"

    @Test func whatIsNotSetIsStarted() async throws {
        for check in ["database", "broker", "redis"] {
            #expect(try await finding(check, [:]).remedy?.contains("run `mixmyai up`, or set") == true)
        }
    }

    @Test func databases() async throws {
        func remedy(_ url: String) async throws -> String {
            try await finding("database", ["DATABASE_URL": url]).remedy ?? "fine"
        }
        #expect(
            try await remedy(url(.database) { $0.password = "hunter2" }).contains(
                "correct user and password in DATABASE_URL"))
        #expect(try await remedy(url(.database) { $0.user = "nobody_here" }).contains("correct user and password"))
        #expect(
            try await remedy(url(.database) { $0.path = "/nowhere_here" }).contains(
                "create the database (`createdb NAME`)"))
        #expect(try await remedy(url(.database) { $0.query = "sslmode=require" }).contains("take sslmode out"))
        #expect(try await remedy("postgres://u:hunter2@no-such-host.invalid/d").contains("does not resolve"))
        #expect(try await remedy("postgres://u:hunter2@127.0.0.1:\(FreePort.find())/d").contains(Self.refused))
        #expect(try await remedy("postgres://u:hunter2@h:x/d") == "correct DATABASE_URL (environment)")
        #expect(try await remedy("postgres:///d?host=/nowhere&password=hunter2").contains(Self.refused))
    }

    @Test func brokers() async throws {
        func remedy(_ url: String) async throws -> String {
            try await finding("broker", ["AMQP_URL": url]).remedy ?? "fine"
        }
        #expect(
            try await remedy(url(.broker) { $0.password = "hunter2" }).contains("correct user and password")
        )
        #expect(try await remedy(url(.broker) { $0.path = "/nowhere_here" }).contains("rabbitmqctl add_vhost"))
        #expect(try await remedy("amqp://u:hunter2@no-such-host.invalid").contains("does not resolve"))
        #expect(try await remedy("amqp://u:hunter2@127.0.0.1:\(FreePort.find())").contains(Self.refused))
        let wrong = try await finding("broker", ["AMQP_URL": "amqp://u:hunter2@h?hartbeat=1"])
        #expect(wrong.remedy == "correct AMQP_URL (environment)")
        #expect(wrong.detail.contains("AMQP_URL: unknown parameter hartbeat"))
        #expect(try await remedy(TestServer.broker.url()) == "fine")
    }

    @Test func redisServers() async throws {
        func remedy(_ url: String) async throws -> String {
            try await finding("redis", ["REDIS_URL": url]).remedy ?? "fine"
        }
        #expect(
            try await remedy(url(.redis) { $0.password = "hunter2" }).contains("correct user and password in REDIS_URL")
        )
        #expect(try await remedy(url(.redis) { ($0.user, $0.password) = (nil, nil) }).contains("asks for a password"))
        #expect(try await remedy(url(.redis) { $0.path = "/9999" }).contains("no database of that number"))
        #expect(try await remedy("redis://:hunter2@no-such-host.invalid").contains("does not resolve"))
        #expect(try await remedy("redis://:hunter2@127.0.0.1:\(FreePort.find())").contains(Self.refused))
        #expect(try await remedy("redis://:hunter2@h/x") == "correct REDIS_URL (environment)")
        #expect(try await remedy(TestServer.redis.url()) == "fine")
    }

    /// A web server where another one should be, as a wrong port has it.
    @Test(arguments: [
        ("database", "DATABASE_URL", "postgres://u:hunter2@"), ("broker", "AMQP_URL", "amqp://u:hunter2@"),
        ("redis", "REDIS_URL", "redis://:hunter2@"),
    ])
    func aWebServerIsRecognised(check: String, variable: String, beginning: String) async throws {
        let server = try ScriptedServer { peer in
            peer.write("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            peer.close()
        }
        let finding = try await finding(check, [variable: "\(beginning)127.0.0.1:\(server.port)"])
        #expect(finding.remedy?.contains(Self.webServer) == true, "\(finding)")
    }

    /// Another server of the fleet: nothing that a web server says.
    @Test func anotherProtocolIsNotTakenForTheServer() async throws {
        let redis = try #require(URLComponents(string: try TestServer.redis.url())?.port)
        let database = try #require(URLComponents(string: try TestServer.database.url())?.port)
        for (check, variable, url) in [
            ("database", "DATABASE_URL", "postgres://u:hunter2@127.0.0.1:\(redis)/d"),
            ("broker", "AMQP_URL", "amqp://u:hunter2@127.0.0.1:\(redis)"),
            ("redis", "REDIS_URL", "redis://:hunter2@127.0.0.1:\(database)"),
        ] {
            let finding = try await finding(check, [variable: url])
            let remedy = finding.remedy ?? ""
            #expect(
                remedy.contains("answers there as it should") || remedy.contains("another kind of server"), "\(finding)"
            )
        }
    }

    @Test func anUnsuitableDatabaseIsNamedWithItsCommand() async throws {
        try await NewDatabase.run(
            connections: 1, options: "ENCODING 'LATIN1' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'"
        ) { url, _ in
            let finding = try await finding("schema", ["DATABASE_URL": url])
            #expect(finding.detail.contains("LATIN1") && finding.detail.contains("createdb"), "\(finding)")
        }
    }

    @Test func aPoolerThatBreaksStatementsIsNamed() async throws {
        let settings = PrivatePgBouncer.carriesStatements ? ["max_prepared_statements": "0"] : [:]
        try await PrivatePgBouncer.run(mode: "transaction", settings: settings) { url in
            let finding = try await finding("pooler", ["DATABASE_URL": url])
            #expect(finding.detail.contains("pool_mode = session"), "\(finding)")
        }
    }

    @Test func aPoolerWithTooFewSessionsIsNamed() async throws {
        let settings = ["default_pool_size": "1", "query_wait_timeout": "1"]
        try await PrivatePgBouncer.run(mode: "session", settings: settings) { url in
            let finding = try await finding("pooler", ["DATABASE_URL": url, "MIXMYAI_DATABASE_POOLER": "session"])
            #expect(finding.detail.contains("default_pool_size"), "\(finding)")
            #expect(finding.remedy?.contains("in the pooler") == true, "\(finding)")
        }
    }

    /// The migrator's lock is a session's: through a pooler in transaction mode it needs the server itself.
    @Test func migrationGoesPastThePooler() async throws {
        try await NewDatabase.run(connections: 1) { direct, _ in
            let name = try #require(direct.split(separator: "/").last.map(String.init))
            try await PrivatePgBouncer.run(mode: "transaction", database: name) { url in
                func migrate(_ values: [String: String]) async throws {
                    let fleet = FleetEnvironment(
                        process: values, file: [:], state: StateDirectory("/s"), prefersFile: false)
                    try await FleetDatabase.withDirectPool(fleet) { _ in }
                }
                var values = ["DATABASE_URL": url]
                await #expect(throws: (any Error).self) { try await migrate(values) }
                values["MIXMYAI_DATABASE_POOLER"] = "transaction"
                let error = await #expect(throws: CommandError.self) { try await migrate(values) }
                #expect(error?.message.contains("set MIXMYAI_DIRECT_DATABASE_URL") == true)
                values["MIXMYAI_DIRECT_DATABASE_URL"] = direct
                try await migrate(values)
                values["MIXMYAI_DIRECT_DATABASE_URL"] = url
                let pooled = await #expect(throws: StoreError.self) { try await migrate(values) }
                #expect(pooled?.message.contains("MIXMYAI_DIRECT_DATABASE_URL leads to") == true)
                values["MIXMYAI_DATABASE_POOLER"] = "sometimes"
                let wrong = await #expect(throws: CommandError.self) { try await migrate(values) }
                #expect(wrong?.message.contains("allowed are none, session, transaction") == true)
            }
        }
    }
}
