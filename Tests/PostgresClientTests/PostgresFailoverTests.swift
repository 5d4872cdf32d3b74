import AsyncPrimitives
import PostgresClient
import ScriptedPeer
import TestServers
import Testing

/// Several hosts, of which one is silent, away, or none that takes writes.
@Suite(.timeLimit(.minutes(2)), .serialized)
struct PostgresFailoverTests {
    private static let pid: @Sendable (PostgresSession) throws -> String = {
        try $0.simpleText("SELECT pg_backend_pid()::text")
    }

    /// The URL of the test server with other hosts before its own.
    private func url(before hosts: String...) throws -> String {
        let url = try TestServer.database.url()
        let at = try #require(url.lastIndex(of: "@"))
        return url[...at] + hosts.map { "\($0)," }.joined() + url[url.index(after: at)...]
    }

    private func expectConnection(_ url: String) async throws {
        try await TestDatabase.withPool(
            url: url,
            {
                $0.connectTimeout = .seconds(2)
                $0.acquireTimeout = .seconds(2)
                $0.maximumConnections = 2
            }
        ) { pool in
            let answer = try await pool.integer("SELECT 1")
            #expect(answer == 1)
        }
    }

    @Test func aHostThatAcceptsAndSaysNothingGetsItsShareOnly() async throws {
        let silent = try ScriptedServer { peer in _ = peer.readRequest() }
        let url = try url(before: "127.0.0.1:\(silent.port)")
        try await TestDatabase.withPool(
            url: url,
            {
                $0.connectTimeout = .seconds(2)
                $0.acquireTimeout = .seconds(2)
                $0.maximumConnections = 2
            }
        ) { pool in
            let (first, inside, goOn) = (TestBox(""), OneShot(), BlockingSignal())
            async let held: Void = pool.withSession { session in
                let own = try Self.pid(session)
                first.change { $0 = own }
                inside.open()
                goOn.wait()
            }
            await inside.wait()
            // The second connection goes straight to the host that answered.
            #expect(try await pool.withSession(Self.pid) != first.value)
            goOn.open()
            try await held
            #expect(silent.connectionCount == 1)
        }
    }

    @Test func aHostThatDropsConnectionsGetsItsShareOnly() async throws {
        let dropping = try DroppingPort()
        try await expectConnection(try url(before: "127.0.0.1:\(dropping.port)"))
    }

    @Test func twoSilentHostsLeaveTimeForTheThird() async throws {
        let silent = try ScriptedServer { peer in _ = peer.readRequest() }
        let dropping = try DroppingPort()
        try await expectConnection(try url(before: "127.0.0.1:\(silent.port)", "127.0.0.1:\(dropping.port)"))
    }

    @Test func aRefusingAndAnUnknownHostCostNothing() async throws {
        try await expectConnection(try url(before: "127.0.0.1:\(FreePort.find())", "no-such-host.invalid:5432"))
    }

    @Test func allHostsAreNamedIfNoneAnswers() async throws {
        let (first, second) = (try FreePort.find(), try FreePort.find())
        try await TestDatabase.withPool(
            url: "postgres://u:hunter2@127.0.0.1:\(first),127.0.0.1:\(second)/d",
            { $0.acquireTimeout = .milliseconds(300) }
        ) { pool in
            let error = try await failure { try await pool.run("SELECT 1") }
            #expect(error.code == .connectionFailed && error.isRetriable)
            #expect(error.message.contains("\(first)") && error.message.contains("\(second)"), "\(error)")
            #expect(!"\(error)".contains("hunter2"))
        }
    }

    /// A session that began while the server was read-only stays so: all that were made until then are given up.
    @Test func aReadOnlySessionIsNotUsedAgain() async throws {
        try await TestDatabase.withPool({ $0.maximumConnections = 2 }) { pool in
            let pids = try await twoPids(pool)
            let error = try await failure {
                try await pool.withSession { session in
                    try session.executeSimple("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY")
                    try session.executeSimple("CREATE TABLE never_made ()")
                }
            }
            #expect(error.code == .readOnly && error.isRetriable && !error.mayHaveCommitted)
            #expect(pids.isDisjoint(with: try await twoPids(pool)))
        }
    }

    @Test(arguments: ["statement", "transaction", "pipeline"]) func readOnlyIsNoticedWhereverItIsSaid(place: String)
        async throws
    {
        try await TestDatabase.withPool({ $0.maximumConnections = 1 }) { pool in
            let before = try await pool.withSession(Self.pid)
            let error = try await failure {
                try await pool.withSession { session in
                    try session.executeSimple("SET default_transaction_read_only = on")
                    switch place {
                    case "statement": _ = try session.execute(PostgresStatement("make", "CREATE TABLE never_made ()"))
                    case "transaction":
                        try session.begin()
                        try session.executeSimple("CREATE TABLE never_made ()")
                        try session.commit()
                    default:
                        _ = try session.pipeline([
                            (PostgresStatement("one", "SELECT 1"), []),
                            (PostgresStatement("two", "CREATE TABLE never_made ()"), []),
                            (PostgresStatement("three", "SELECT 3"), []),
                        ])
                    }
                }
            }
            #expect(error.code == .readOnly, "\(error)")
            #expect(try await pool.withSession(Self.pid) != before)
            #expect(try await pool.withSession { try $0.simpleText("SHOW default_transaction_read_only") } == "off")
        }
    }

    /// Two servers change places while a pool is connected.
    @Test func writesFollowThePrimary() async throws {
        try await PrivatePostgres.with { first in
            try await PrivatePostgres.with { second in
                let password = "se%3Ac%2Fr%40et"
                let url = "postgres://postgres:\(password)@127.0.0.1:\(first.port),127.0.0.1:\(second.port)/postgres"
                try await second.setReadOnly(true)
                try await TestDatabase.withPool(url: url, { $0.maximumConnections = 2 }) { pool in
                    let port: @Sendable (PostgresSession) throws -> String = { session in
                        try session.executeSimple("CREATE TABLE IF NOT EXISTS written (at int)")
                        return try session.simpleText("SHOW port")
                    }
                    #expect(try await pool.withSession(port) == "\(first.port)")
                    try await second.setReadOnly(false)
                    try await first.setReadOnly(true)
                    // The session finds out by its first write after it has heard of the change, and is not used again.
                    var found: PostgresError?
                    try await askUntil {
                        do {
                            return try await pool.withSession(port) == "\(second.port)"
                        } catch let error as PostgresError {
                            found = error
                            return true
                        }
                    }
                    #expect(found?.code == .readOnly)
                    #expect(try await pool.withSession(port) == "\(second.port)")
                }
            }
        }
    }

    private func twoPids(_ pool: PostgresPool) async throws -> Set<String> {
        let (inside, goOn) = (OneShot(), BlockingSignal())
        async let first = pool.withSession { session in
            let pid = try Self.pid(session)
            inside.open()
            goOn.wait()
            return pid
        }
        await inside.wait()
        let second = try await pool.withSession(Self.pid)
        goOn.open()
        return [try await first, second]
    }
}

extension PrivatePostgres {
    /// As a server that has become, or is no longer, a standby looks to sessions that it has.
    func setReadOnly(_ isReadOnly: Bool) async throws {
        try await TestDatabase.withPool(url: url) { pool in
            try await pool.withSession { session in
                try session.executeSimple(
                    "ALTER SYSTEM SET default_transaction_read_only = \(isReadOnly ? "on" : "off")")
                try session.executeSimple("SELECT pg_reload_conf()")
            }
            // The signal takes its time.
            try await askUntil {
                try await pool.withSession { try $0.simpleText("SHOW default_transaction_read_only") }
                    == (isReadOnly ? "on" : "off")
            }
        }
    }
}
