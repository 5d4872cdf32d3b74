import Dispatch
import PostgresClient
import Synchronization
import TestServers
import Testing

@Suite(.timeLimit(.minutes(1)))
struct PostgresTransactionTests {
    private struct Refusal: Error {}

    private static func withTable(
        _ name: String = #function, _ body: (PostgresPool, String) async throws -> Void
    ) async throws {
        let table = "t_" + name.prefix { $0.isLetter }.lowercased()
        try await TestDatabase.withPool { pool in
            try await pool.run(
                """
                DROP TABLE IF EXISTS \(table); CREATE TABLE \(table) (id int8 PRIMARY KEY, n int8);
                INSERT INTO \(table) VALUES (1, 0), (2, 0)
                """)
            try await body(pool, table)
            try await pool.run("DROP TABLE \(table)")
        }
    }

    @Test func returningCommitsAndThrowingRollsBack() async throws {
        try await Self.withTable { pool, table in
            let kept = try await pool.transaction { session in
                try session.executeSimple("UPDATE \(table) SET n = 1")
                return session.isInTransaction
            }
            #expect(kept)
            await #expect(throws: Refusal.self) {
                try await pool.transaction { session in
                    try session.executeSimple("UPDATE \(table) SET n = 2")
                    throw Refusal()
                }
            }
            #expect(try await pool.integer("SELECT sum(n)::int8 FROM \(table)") == 2)
        }
    }

    @Test func swallowedErrorDoesNotPassForACommit() async throws {
        try await Self.withTable { pool, table in
            let error = try await failure {
                try await pool.transaction { session in
                    try session.executeSimple("UPDATE \(table) SET n = 1")
                    try? session.executeSimple("SELECT 1/0")
                }
            }
            #expect(error.code == .transactionAborted)
            #expect(try await pool.integer("SELECT sum(n)::int8 FROM \(table)") == 0)
        }
    }

    @Test func transactionLeftOpenIsRolledBack() async throws {
        try await TestDatabase.withPool({ $0.maximumConnections = 1 }) { pool in
            try await pool.run("CREATE TEMP TABLE kept (n int8)")
            try await pool.withSession { session in
                try session.begin()
                try session.executeSimple("INSERT INTO kept VALUES (1)")
                #expect(throws: PostgresError.self) { try session.begin() }
            }
            #expect(try await pool.integer("SELECT count(*) FROM kept") == 0)
        }
    }

    @Test func deadlockRunsTheLosersBodyAgain() async throws {
        try await Self.withTable { pool, table in
            let runs = TestCounter()
            let bothHoldOne = Rendezvous()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (first, second) in [(1, 2), (2, 1)] {
                    group.addTask {
                        try await pool.transaction { session in
                            runs.increment()
                            try session.executeSimple("SET LOCAL deadlock_timeout = '20ms'")
                            try session.executeSimple("UPDATE \(table) SET n = n + 1 WHERE id = \(first)")
                            bothHoldOne.meet()
                            try session.executeSimple("UPDATE \(table) SET n = n + 1 WHERE id = \(second)")
                        }
                    }
                }
                try await group.waitForAll()
            }
            // One of the two has to lose once; on a loaded machine it can lose again.
            #expect(runs.value >= 3)
            #expect(try await pool.integer("SELECT sum(n)::int8 FROM \(table)") == 4)
        }
    }

    @Test func serializationFailureRunsTheBodyAgain() async throws {
        try await Self.withTable { pool, table in
            let runs = TestCounter()
            let bothHaveRead = Rendezvous()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for id in 1...2 {
                    group.addTask {
                        try await pool.transaction { session in
                            runs.increment()
                            try session.executeSimple("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE")
                            let sum = try session.execute(
                                PostgresStatement("sum \(table)", "SELECT sum(n)::int8 FROM \(table)"))
                            bothHaveRead.meet()
                            try session.executeSimple(
                                "UPDATE \(table) SET n = \(sum.only() as Int + 1) WHERE id = \(id)")
                        }
                    }
                }
                try await group.waitForAll()
            }
            // One of the two has to lose once; on a loaded machine it can lose again.
            #expect(runs.value >= 3)
            #expect(try await pool.integer("SELECT sum(n)::int8 FROM \(table)") == 3)
        }
    }

    @Test func retriesEndAndOtherErrorsAreNotRetried() async throws {
        try await TestDatabase.withPool({ $0.transactionRetries = 2 }) { pool in
            for (state, expected) in [("40001", 3), ("40P01", 3), ("23505", 1)] {
                let runs = TestCounter()
                let error = try await failure {
                    try await pool.transaction { session in
                        runs.increment()
                        try session.executeSimple("DO $$ BEGIN RAISE EXCEPTION SQLSTATE '\(state)'; END $$")
                    }
                }
                #expect(error.sqlState == state)
                #expect(runs.value == expected)
            }
        }
    }
}

/// Two threads meet once; later visitors pass.
private final class Rendezvous: Sendable {
    private let arrivals = Atomic(0)
    private let both = DispatchSemaphore(value: 0)

    /// Called on connections' threads, which may block.
    func meet() {
        switch arrivals.add(1, ordering: .sequentiallyConsistent).newValue {
        case 1: both.wait()
        case 2: both.signal()
        default: break
        }
    }
}
