import AsyncPrimitives
import PostgresClient
import TestServers
import Testing

@Suite(.timeLimit(.minutes(1)))
struct PostgresPipelineTests {
    private static let insert = PostgresStatement("pipe insert", "INSERT INTO piped VALUES ($1) RETURNING n")
    private static let count = PostgresStatement("pipe count", "SELECT count(*) FROM piped")

    private static func withTable(_ body: @escaping @Sendable (PostgresSession) throws -> Void) async throws {
        try await TestDatabase.withPool({ $0.maximumConnections = 1 }) { pool in
            try await pool.withSession { session in
                try session.executeSimple("CREATE TEMP TABLE piped (n int8 PRIMARY KEY)")
                try body(session)
            }
        }
    }

    @Test func everyEntryHasItsRows() async throws {
        try await Self.withTable { session in
            for round in 0..<3 {
                let rows = try session.pipeline([
                    (Self.insert, [.int8(round * 2)]), (Self.insert, [.int8(round * 2 + 1)]), (Self.count, []),
                ])
                #expect(rows.count == 3)
                #expect(try rows[0].only() as Int == round * 2)
                #expect(try rows[2].only() as Int == (round + 1) * 2)
            }
            #expect(try session.pipeline([]).isEmpty)
        }
    }

    @Test func errorInTheMiddleNamesItsEntryAndUndoesAll() async throws {
        try await Self.withTable { session in
            _ = try session.execute(Self.insert, [.int8(7)])
            let error = #expect(throws: PostgresError.self) {
                try session.pipeline([
                    (Self.insert, [.int8(1)]), (Self.insert, [.int8(7)]), (Self.insert, [.int8(2)]), (Self.count, []),
                ])
            }
            #expect(error?.code == .uniqueViolation)
            #expect(error?.entryIndex == 1)
            #expect(try session.execute(Self.count).only() as Int == 1)
            #expect(try session.pipeline([(Self.insert, [.int8(8)]), (Self.count, [])])[1].only() as Int == 2)
        }
    }

    @Test func statementThatCannotBePreparedNamesItsEntry() async throws {
        try await Self.withTable { session in
            let broken = PostgresStatement("pipe broken", "SELEC 1")
            let later = PostgresStatement("pipe later", "SELECT 5")
            for _ in 0..<2 {
                let error = #expect(throws: PostgresError.self) {
                    try session.pipeline([(Self.insert, [.int8(1)]), (broken, []), (later, [])])
                }
                #expect(error?.code == .syntax)
                #expect(error?.entryIndex == 1)
            }
            // Skipped by the server, so it must not count as prepared.
            let answer59 = try session.pipeline([(later, []), (later, [])])[1].only() as Int
            #expect(answer59 == 5)
        }
    }

    @Test func valueThatCannotBeEncodedNamesItsEntryBeforeAnythingIsSent() async throws {
        try await Self.withTable { session in
            let text = PostgresStatement("pipe text", "SELECT $1::text")
            let error = #expect(throws: PostgresError.self) {
                try session.pipeline([(Self.insert, [.int8(1)]), (text, [.text("\0")])])
            }
            #expect(error?.code == .invalidText)
            #expect(error?.entryIndex == 1)
            let answer = try session.execute(Self.count).only() as Int
            #expect(answer == 0)
        }
    }

    @Test func pipelineBelongsToAnOpenTransaction() async throws {
        try await Self.withTable { session in
            try session.begin()
            _ = try session.pipeline([(Self.insert, [.int8(1)]), (Self.insert, [.int8(2)])])
            #expect(session.isInTransaction)
            try session.rollback()
            #expect(try session.execute(Self.count).only() as Int == 0)
            try session.begin()
            _ = try? session.pipeline([(Self.insert, [.int8(1)]), (Self.insert, [.int8(1)])])
            let error = #expect(throws: PostgresError.self) { try session.execute(Self.count) }
            #expect(error?.code == .transactionAborted)
        }
    }

    @Test func cancelledCallersPipelineLeavesTheConnectionUsable() async throws {
        try await TestDatabase.withPool({ $0.maximumConnections = 1 }) { pool in
            try await pool.run("CREATE TEMP TABLE piped (n int8 PRIMARY KEY)")
            let (inside, goOn) = (OneShot(), BlockingSignal())
            let task = Task {
                try await pool.transaction { session in
                    _ = try session.execute(Self.insert, [.int8(1)])
                    inside.open()
                    goOn.wait()
                    _ = try session.pipeline([(Self.insert, [.int8(2)])])
                }
            }
            await inside.wait()
            task.cancel()
            goOn.open()
            let error = try await failure { try await task.value }
            #expect(error.code == .cancelled)
            // The temporary table lives as long as the connection.
            #expect(try await pool.integer("SELECT count(*) FROM piped") == 0)
        }
    }

    @Test func pipelineLargerThanTheSocketBuffersDoesNotStall() async throws {
        try await Self.withTable { session in
            let echo = PostgresStatement("pipe echo", "SELECT $1::text")
            let text = String(repeating: "x", count: 10_000)
            let rows = try session.pipeline((0..<2000).map { _ in (echo, [.text(text)]) })
            #expect(rows.count == 2000)
            #expect(try rows[1999].only() as String == text)
        }
    }
}
