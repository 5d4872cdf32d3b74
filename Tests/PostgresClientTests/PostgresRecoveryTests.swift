import AsyncPrimitives
import PostgresClient
import TestServers
import Testing

/// The server dies, freezes, comes back and refuses.
@Suite(.timeLimit(.minutes(3)), .serialized)
struct PostgresRecoveryTests {
    @Test func killedServerIsFoundAgain() async throws {
        try await PrivatePostgres.with { server in
            try await TestDatabase.withPool(url: server.url, { $0.maximumConnections = 2 }) { pool in
                let statement = PostgresStatement("again", "SELECT $1::int8")
                let ask: @Sendable (PostgresSession) throws -> Int = {
                    try $0.execute(statement, [.int8(3)]).only() as Int
                }
                #expect(try await pool.withSession(ask) == 3)

                let (inside, goOn) = (OneShot(), BlockingSignal())
                async let cut = failure {
                    try await pool.withSession { session in
                        inside.open()
                        goOn.wait()
                        try session.executeSimple("SELECT 1")
                    }
                }
                await inside.wait()
                server.kill()
                goOn.open()
                let error = try await cut
                #expect(error.code == .connectionLost)
                #expect(error.mayHaveCommitted)

                // Asked while the server is away: waits for its return.
                async let answer = pool.withSession(ask)
                try server.start()
                #expect(try await answer == 3)
                #expect(try await pool.withSession(ask) == 3)
            }
        }
    }

    @Test func absentServerIsReportedInTime() async throws {
        let port = try FreePort.find()
        try await TestDatabase.withPool(
            url: "postgres://u:hunter2@127.0.0.1:\(port)/d",
            {
                $0.acquireTimeout = .milliseconds(300)
                $0.maximumConnections = 1
            }
        ) { pool in
            try await withThrowingTaskGroup(of: PostgresError.self) { group in
                for _ in 0..<5 { group.addTask { try await failure { try await pool.run("SELECT 1") } } }
                for try await error in group {
                    #expect(error.code == .connectionFailed)
                    #expect(error.isRetriable)
                    #expect(error.message.contains("\(port)"))
                    #expect(!"\(error)".contains("hunter2"))
                }
            }
        }
    }

    @Test func wrongPasswordAndDatabaseAreReportedAtOnce() async throws {
        try await PrivatePostgres.with { server in
            let wrongPassword = "postgres://postgres:hunter2@127.0.0.1:\(server.port)/postgres"
            try await TestDatabase.withPool(url: wrongPassword, { $0.acquireTimeout = .seconds(120) }) { pool in
                let error = try await failure { try await pool.run("SELECT 1") }
                #expect(error.code == .authenticationFailed)
                #expect(error.sqlState == "28P01")
                #expect(!error.isRetriable)
                #expect(!"\(error)".contains("hunter2"))
            }
            let wrongDatabase = server.url.dropLast("postgres".count) + "nowhere"
            try await TestDatabase.withPool(url: String(wrongDatabase), { $0.acquireTimeout = .seconds(120) }) { pool in
                let error = try await failure { try await pool.run("SELECT 1") }
                #expect(error.code == .connectionFailed)
                #expect(error.sqlState == "3D000")
                #expect(!error.isRetriable)
                #expect(error.message.contains("nowhere"))
            }
        }
    }

    @Test func unknownHostIsReported() async throws {
        try await TestDatabase.withPool(
            url: "postgres://u:hunter2@no-such-host.invalid/d", { $0.acquireTimeout = .milliseconds(10) }
        ) { pool in
            let error = try await failure { try await pool.run("SELECT 1") }
            #expect(error.code == .connectionFailed)
            #expect(error.message.contains("no-such-host.invalid"))
            #expect(!"\(error)".contains("hunter2"))
        }
    }

    @Test func frozenServerIsGivenUpAndFoundAgain() async throws {
        try await PrivatePostgres.with { server in
            try await TestDatabase.withPool(
                url: server.url,
                {
                    $0.maximumConnections = 2
                    $0.statementTimeout = .milliseconds(200)
                    $0.connectTimeout = .milliseconds(200)
                    $0.acquireTimeout = .milliseconds(600)
                }
            ) { pool in
                #expect(try await pool.integer("SELECT 1") == 1)
                server.freeze()
                let silent = try await failure { try await pool.run("SELECT 1") }
                #expect(silent.code == .connectionLost)
                #expect(silent.mayHaveCommitted)
                let connecting = try await failure { try await pool.run("SELECT 1") }
                #expect(connecting.code == .connectionFailed)
                #expect(!connecting.mayHaveCommitted)
                server.thaw()
                // The timeouts above are short on purpose; a loaded machine may need several of them.
                try await askUntil { (try? await pool.integer("SELECT 1")) == 1 }
            }
        }
    }

    @Test func cancelEndsTheWaitForAFrozenServer() async throws {
        try await PrivatePostgres.with { server in
            try await TestDatabase.withPool(url: server.url, { $0.maximumConnections = 1 }) { pool in
                let (inside, goOn) = (OneShot(), BlockingSignal())
                let task = Task {
                    try await pool.withSession { session in
                        try session.executeSimple("SELECT 1")
                        inside.open()
                        goOn.wait()
                        try session.executeSimple("SELECT 2")
                    }
                }
                await inside.wait()
                server.freeze()
                goOn.open()
                task.cancel()
                let outcome = try await failure { try await task.value }.code
                #expect(outcome == .cancelled)
                server.thaw()
                let answer135 = try await pool.integer("SELECT 1")
                #expect(answer135 == 1)
            }
        }
    }

    @Test func terminatedConnectionsAreReplaced() async throws {
        let name = "terminate storm"
        try await TestDatabase.withPool { killer in
            try await TestDatabase.withPool({ $0.applicationName = name }) { pool in
                let answered = TestCounter()
                let isOver = TestCounter()
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask {
                        for _ in 0..<200 {
                            _ = try await killer.integer(
                                """
                                SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
                                WHERE application_name = $1
                                """, [.text(name)])
                        }
                        isOver.increment()
                    }
                    for _ in 0..<8 {
                        group.addTask {
                            while isOver.value == 0 {
                                do {
                                    let answer = try await pool.integer("SELECT 42")
                                    #expect(answer == 42)
                                    answered.increment()
                                } catch let error as PostgresError {
                                    #expect(
                                        [.connectionLost, .connectionFailed, .cannotConnectNow].contains(error.code),
                                        "\(error)")
                                    #expect(error.isRetriable)
                                }
                            }
                        }
                    }
                    try await group.waitForAll()
                }
                #expect(answered.value > 0)
                for _ in 0..<20 { #expect(try await pool.integer("SELECT 42") == 42) }
            }
        }
    }

    @Test func connectionClosedWhileIdleIsReplacedUnnoticed() async throws {
        let name = "closed while idle"
        try await TestDatabase.withPool { killer in
            try await TestDatabase.withPool({
                $0.applicationName = name
                $0.maximumConnections = 1
            }) { pool in
                for _ in 0..<20 {
                    let pid = try await pool.integer("SELECT pg_backend_pid()")
                    _ = try await killer.integer("SELECT pg_terminate_backend($1, 5000)::int4", [.int4(Int32(pid))])
                    let next = try await pool.integer("SELECT pg_backend_pid()")
                    #expect(next != pid)
                }
            }
        }
    }

    @Test func commitCutOffLeavesTheOutcomeOpen() async throws {
        try await TestDatabase.withPool { killer in
            try await TestDatabase.withPool({ $0.maximumConnections = 1 }) { pool in
                let pid = TestBox(0)
                let (inside, goOn) = (OneShot(), BlockingSignal())
                async let cut = failure {
                    try await pool.withSession { session in
                        try session.begin()
                        let rows = try session.execute(PostgresStatement("pid", "SELECT pg_backend_pid()"))
                        let own = try rows.only() as Int
                        pid.change { $0 = own }
                        inside.open()
                        goOn.wait()
                        try session.commit()
                    }
                }
                await inside.wait()
                let terminated = pid.value
                _ = try await killer.integer("SELECT pg_terminate_backend($1)::int4", [.int4(Int32(terminated))])
                while try await killer.integer(
                    "SELECT count(*) FROM pg_stat_activity WHERE pid = $1", [.int8(terminated)])
                    > 0
                {}
                goOn.open()
                let error = try await cut
                #expect(error.code == .connectionLost)
                #expect(error.mayHaveCommitted)
                #expect(try await pool.integer("SELECT 1") == 1)
            }
        }
    }
}
