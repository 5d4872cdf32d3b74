import AsyncPrimitives
import PostgresClient
import TestServers
import Testing

@Suite(.timeLimit(.minutes(1)))
struct PostgresCancellationTests {
    /// Returns when a session of this name is inside `pg_sleep`.
    private static func waitUntilSleeping(_ name: String, _ observer: PostgresPool) async throws {
        try await askUntil {
            try await observer.integer(
                "SELECT count(*) FROM pg_stat_activity WHERE application_name = $1 AND wait_event = 'PgSleep'",
                [.text(name)]) > 0
        }
    }

    @Test func cancelledTaskSendsNothing() async throws {
        try await TestDatabase.withPool { pool in
            let error = try await withThrowingTaskGroup(of: PostgresError.self) { group in
                group.cancelAll()
                group.addTask {
                    try await failure { try await pool.withSession { _ in _ = Issue.record("the body ran") } }
                }
                return try await group.next()
            }
            #expect(error?.code == .cancelled)
        }
    }

    @Test func runningStatementIsStopped() async throws {
        let name = "running statement"
        try await TestDatabase.withPool { observer in
            try await TestDatabase.withPool({
                $0.maximumConnections = 1
                $0.applicationName = name
            }) { pool in
                let task = Task { try await pool.run("SELECT pg_sleep(60)") }
                try await Self.waitUntilSleeping(name, observer)
                task.cancel()
                let error = try await failure { try await task.value }
                #expect(error.code == .cancelled)
                #expect(error.sqlState == "57014")
                #expect(!error.isRetriable)
                let pid = try await pool.integer("SELECT pg_backend_pid()")
                #expect(try await pool.integer("SELECT pg_backend_pid()") == pid)
            }
        }
    }

    @Test func cancelledTransactionIsRolledBackAndItsConnectionKept() async throws {
        let name = "cancelled transaction"
        try await TestDatabase.withPool { observer in
            try await TestDatabase.withPool({
                $0.maximumConnections = 1
                $0.applicationName = name
            }) { pool in
                try await pool.run("CREATE TEMP TABLE cancelled (n int8)")
                let task = Task {
                    try await pool.transaction { session in
                        try session.executeSimple("INSERT INTO cancelled VALUES (1)")
                        do {
                            try session.executeSimple("SELECT pg_sleep(60)")
                        } catch {
                            // Going on after the cancel does not help.
                            try session.executeSimple("SELECT 1")
                        }
                    }
                }
                try await Self.waitUntilSleeping(name, observer)
                task.cancel()
                let error = try await failure { try await task.value }
                #expect(error.code == .cancelled)
                // The temporary table lives as long as the connection.
                #expect(try await pool.integer("SELECT count(*) FROM cancelled") == 0)
            }
        }
    }

    @Test func pipelineIsStopped() async throws {
        let name = "cancelled pipeline"
        try await TestDatabase.withPool { observer in
            try await TestDatabase.withPool({
                $0.maximumConnections = 1
                $0.applicationName = name
            }) { pool in
                let sleep = PostgresStatement("sleep", "SELECT pg_sleep(60)::text")
                let task = Task { try await pool.withSession { _ = try $0.pipeline([(sleep, []), (sleep, [])]) } }
                try await Self.waitUntilSleeping(name, observer)
                task.cancel()
                let error = try await failure { try await task.value }
                #expect(error.code == .cancelled)
                #expect(error.entryIndex == 0)
                #expect(try await pool.integer("SELECT 1") == 1)
            }
        }
    }

    @Test func lateCancelNeverHitsTheNextCaller() async throws {
        try await TestDatabase.withPool({ $0.maximumConnections = 1 }) { pool in
            for _ in 0..<200 {
                let started = OneShot()
                let task = Task {
                    try await pool.withSession { session in
                        started.open()
                        for _ in 0..<3 { try session.executeSimple("SELECT 1") }
                    }
                }
                await started.wait()
                task.cancel()
                do {
                    try await task.value
                } catch let error as PostgresError {
                    #expect(error.code == .cancelled)
                }
                #expect(try await pool.integer("SELECT 1 FROM pg_sleep(0.0005)") == 1)
            }
        }
    }

    @Test func administratorsCancelIsReportedAsCancelled() async throws {
        let name = "administrator"
        try await TestDatabase.withPool { observer in
            try await TestDatabase.withPool({ $0.applicationName = name }) { pool in
                async let outcome = failure { try await pool.run("SELECT pg_sleep(60)") }
                try await Self.waitUntilSleeping(name, observer)
                _ = try await observer.integer(
                    "SELECT count(pg_cancel_backend(pid)) FROM pg_stat_activity WHERE application_name = $1",
                    [.text(name)])
                #expect(try await outcome.code == .cancelled)
            }
        }
    }

    @Test func callerInLineLeavesWhenCancelled() async throws {
        try await TestDatabase.withPool({ $0.maximumConnections = 1 }) { pool in
            let (holding, letGo) = (OneShot(), BlockingSignal())
            async let holder: Void = pool.withSession { _ in
                holding.open()
                letGo.wait()
            }
            await holding.wait()
            let waiting = Task { try await pool.run("SELECT 1") }
            waiting.cancel()
            #expect(try await failure { try await waiting.value }.code == .cancelled)
            letGo.open()
            try await holder
            #expect(try await pool.integer("SELECT 1") == 1)
        }
    }
}
