import AsyncPrimitives
import PostgresClient
import TestServers
import Testing

/// BEGIN travels with a transaction's first statements, COMMIT with its last ones.
@Suite(.timeLimit(.minutes(1)))
struct PostgresTransactionTripsTests {
    private struct Refusal: Error {}

    private static let insert = PostgresStatement("trips_insert", "INSERT INTO trips VALUES ($1)")
    private static let count = PostgresStatement("trips_count", "SELECT count(*) FROM trips")

    /// One connection with a table of its own.
    private static func withTable(_ body: (PostgresPool) async throws -> Void) async throws {
        try await TestDatabase.withPool({ $0.maximumConnections = 1 }) { pool in
            try await pool.run("CREATE TEMP TABLE trips (n int8 PRIMARY KEY)")
            try await body(pool)
        }
    }

    private static func rows(_ pool: PostgresPool) async throws -> Int {
        try await pool.withSession { try $0.execute(count).only() }
    }

    @Test func theServerHearsOfATransactionWithItsFirstStatement() async throws {
        try await TestDatabase.withPool { watcher in
            try await Self.withTable { pool in
                let own = try await pool.integer("SELECT pg_backend_pid()")
                let (inside, goOn) = (OneShot(), BlockingSignal())
                async let states = pool.transaction { session in
                    let before = session.isInTransaction
                    inside.open()
                    goOn.wait()
                    _ = try session.execute(Self.insert, [.int8(1)])
                    return (before, session.isInTransaction)
                }
                await inside.wait()
                let idle = try await watcher.integer(
                    "SELECT count(*) FROM pg_stat_activity WHERE pid = $1 AND state = 'idle'", [.int8(own)])
                goOn.open()
                #expect(idle == 1)
                let (before, after) = try await states
                #expect(before && after)
                #expect(try await Self.rows(pool) == 1)
            }
        }
    }

    @Test(arguments: [false, true]) func whatThrowsIsRolledBack(byServer: Bool) async throws {
        try await Self.withTable { pool in
            await #expect(throws: (any Error).self) {
                try await pool.transaction { session in
                    _ = try session.pipeline([(Self.insert, [.int8(1)]), (Self.insert, [.int8(byServer ? 1 : 2)])])
                    throw Refusal()
                }
            }
            let rows = try await Self.rows(pool)
            #expect(rows == 0)
        }
    }

    @Test func aSwallowedFailureOfTheFirstStatementIsNoCommit() async throws {
        try await Self.withTable { pool in
            let error = try await failure {
                try await pool.transaction { session in
                    _ = try? session.pipeline([(Self.insert, [.int8(1)]), (Self.insert, [.int8(1)])])
                }
            }
            #expect(error.code == .transactionAborted)
            let rows = try await Self.rows(pool)
            #expect(rows == 0)
        }
    }

    /// It was never sent: what comes after it is in the transaction all the same.
    @Test func aFirstStatementThatCannotBeSentDoesNotLetTheNextOneOut() async throws {
        try await Self.withTable { pool in
            let text = PostgresStatement("trips_text", "SELECT $1::text")
            await #expect(throws: Refusal.self) {
                try await pool.transaction { session in
                    _ = try? session.execute(text, [.text("\0")])
                    _ = try session.execute(Self.insert, [.int8(1)])
                    throw Refusal()
                }
            }
            let rows = try await Self.rows(pool)
            #expect(rows == 0)
        }
    }

    @Test func theLastStatementsMayCommit() async throws {
        try await Self.withTable { pool in
            let isOpen = try await pool.transaction { session in
                _ = try session.execute(Self.insert, [.int8(1)])
                _ = try session.pipeline([(Self.insert, [.int8(2)])], commits: true)
                return session.isInTransaction
            }
            #expect(!isOpen)
            // All in one round trip.
            _ = try await pool.transaction { try $0.pipeline([(Self.insert, [.int8(3)])], commits: true) }
            #expect(try await Self.rows(pool) == 3)
            let error = try await failure {
                try await pool.transaction { session in
                    _ = try session.pipeline(
                        [(Self.insert, [.int8(4)]), (Self.insert, [.int8(1)])], commits: true)
                }
            }
            #expect(error.code == .uniqueViolation && error.entryIndex == 1)
            #expect(try await Self.rows(pool) == 3)
        }
    }

    @Test func nothingFollowsTheCommit() async throws {
        try await Self.withTable { pool in
            let error = try await failure {
                try await pool.transaction { session in
                    _ = try session.pipeline([(Self.insert, [.int8(1)])], commits: true)
                    _ = try session.execute(Self.insert, [.int8(2)])
                }
            }
            #expect(error.code == .other)
            let rows = try await Self.rows(pool)
            #expect(rows == 1)
            let alone = try await failure {
                _ = try await pool.withSession { try $0.pipeline([(Self.insert, [.int8(3)])], commits: true) }
            }
            #expect(alone.code == .other)
        }
    }

    @Test func aTransactionInWhichNothingIsAskedIsNone() async throws {
        try await Self.withTable { pool in
            let inside = try await pool.transaction { $0.isInTransaction }
            let after = try await pool.withSession { $0.isInTransaction }
            #expect(inside && !after)
        }
    }

    /// The connection is cut while the last statements run: nobody knows whether the COMMIT behind them was carried out.
    @Test func lastStatementsThatAreCutOffLeaveTheOutcomeOpen() async throws {
        try await TestDatabase.withPool { killer in
            try await Self.withTable { pool in
                let own = try await pool.integer("SELECT pg_backend_pid()")
                let sleep = PostgresStatement("trips_sleep", "SELECT pg_sleep(60)")
                async let cut = failure {
                    try await pool.transaction { _ = try $0.pipeline([(sleep, [])], commits: true) }
                }
                while try await killer.integer(
                    "SELECT count(*) FROM pg_stat_activity WHERE pid = \(own) AND wait_event = 'PgSleep'") == 0
                {}
                _ = try await killer.integer("SELECT pg_terminate_backend(\(own))::int4")
                let error = try await cut
                #expect(error.code == .connectionLost && error.mayHaveCommitted)
            }
        }
    }
}
