import PostgresClient
import TestServers
import Testing

@Suite(.timeLimit(.minutes(1)))
struct PostgresStatementTests {
    @Test func statementIsPreparedOncePerParameterTypes() async throws {
        try await TestDatabase.withPool({ $0.maximumConnections = 1 }) { pool in
            let statement = PostgresStatement("once", "SELECT coalesce($1, 7)::int8")
            try await pool.withSession { session in
                #expect(try session.execute(statement, [.null]).only() as Int == 7)
                #expect(try session.execute(statement, [.int8(5)]).only() as Int == 5)
                #expect(try session.execute(statement, [.int4(6)]).only() as Int == 6)
                #expect(try session.execute(statement, [.null]).only() as Int == 7)
                #expect(try session.execute(statement, [.int8(8)]).only() as Int == 8)
                let count = try session.execute(
                    PostgresStatement("count", "SELECT count(*) FROM pg_prepared_statements WHERE name LIKE '%once'"))
                #expect(try count.only() as Int == 3)
            }
        }
    }

    @Test func oneNameForTwoTextsIsRefused() async throws {
        try await TestDatabase.withPool({ $0.maximumConnections = 1 }) { pool in
            try await pool.withSession { session in
                _ = try session.execute(PostgresStatement("same", "SELECT 1"))
                #expect(throws: PostgresError.self) { try session.execute(PostgresStatement("same", "SELECT 2")) }
            }
        }
    }

    @Test func changedTableIsPreparedAnew() async throws {
        try await TestDatabase.withPool({ $0.maximumConnections = 1 }) { pool in
            try await pool.withSession { session in
                let statement = PostgresStatement("star", "SELECT * FROM changing")
                try session.executeSimple("CREATE TEMP TABLE changing (a int4); INSERT INTO changing VALUES (1)")
                #expect(try session.execute(statement).columns == ["a"])
                try session.executeSimple("ALTER TABLE changing ADD COLUMN b int4")
                #expect(try session.execute(statement).columns == ["a", "b"])
                try session.executeSimple("DEALLOCATE ALL")
                #expect(try session.execute(statement).columns == ["a", "b"])
            }
        }
    }

    @Test func violationsNameTheConstraintAndHideTheRow() async throws {
        try await TestDatabase.withPool({ $0.maximumConnections = 1 }) { pool in
            try await pool.withSession { session in
                try session.executeSimple(
                    """
                    CREATE TEMP TABLE parent (id int8 CONSTRAINT parent_key PRIMARY KEY);
                    CREATE TEMP TABLE child (
                        id int8 CONSTRAINT child_parent REFERENCES parent, name text NOT NULL,
                        CONSTRAINT child_name CHECK (name <> 'bad'));
                    """)
                let parent = PostgresStatement("parent", "INSERT INTO parent VALUES ($1)")
                let child = PostgresStatement("child", "INSERT INTO child VALUES ($1, $2)")
                #expect(try session.execute(parent, [.int8(4711)]).affectedRows == 1)
                let unique = #expect(throws: PostgresError.self) { try session.execute(parent, [.int8(4711)]) }
                #expect(unique?.code == .uniqueViolation)
                #expect(unique?.constraint == "parent_key")
                #expect(unique?.detail?.contains("4711") == true)
                #expect(unique?.description.contains("4711") == false)
                let foreign = #expect(throws: PostgresError.self) {
                    try session.execute(child, [.int8(1), .text("x")])
                }
                #expect(foreign?.code == .foreignKeyViolation)
                let check = #expect(throws: PostgresError.self) { try session.execute(child, [.null, .text("bad")]) }
                #expect(check?.code == .checkViolation)
                let null = #expect(throws: PostgresError.self) { try session.execute(child, [.int8(4711), .null]) }
                #expect(null?.code == .notNullViolation)
                let table = #expect(throws: PostgresError.self) {
                    try session.execute(PostgresStatement("none", "SELECT * FROM nowhere_at_all"))
                }
                #expect(table?.code == .undefinedTable)
                let syntax = #expect(throws: PostgresError.self) { try session.executeSimple("SELEC 1") }
                #expect(syntax?.code == .syntax)
            }
        }
    }

    @Test func sessionIsDeadAfterItsClosure() async throws {
        try await TestDatabase.withPool { pool in
            let escaped = Escaped()
            try await pool.withSession { escaped.session = $0 }
            let error = #expect(throws: PostgresError.self) { try escaped.session?.executeSimple("SELECT 1") }
            #expect(error?.code == .other)
        }
    }

    @Test func statementTimeoutIsKeptByTheServer() async throws {
        try await TestDatabase.withPool({ $0.statementTimeout = .milliseconds(100) }) { pool in
            let error = try await failure { try await pool.run("SELECT pg_sleep(30)") }
            #expect(error.code == .statementTimeout)
            #expect(error.isRetriable)
            #expect(try await pool.integer("SELECT 1") == 1)
        }
    }

    @Test func longerTimeoutHoldsForOneTextOnly() async throws {
        try await TestDatabase.withPool({
            $0.statementTimeout = .milliseconds(200)
            $0.maximumConnections = 1
        }) { pool in
            try await pool.withSession { try $0.executeSimple("SELECT pg_sleep(0.4)", timeout: .seconds(20)) }
            _ = try await failure {
                try await pool.withSession {
                    try $0.executeSimple("BEGIN; SELECT pg_sleep(0.3); SELECT 1/0", timeout: .seconds(20))
                }
            }
            let error = try await failure { try await pool.run("SELECT pg_sleep(30)") }
            #expect(error.code == .statementTimeout)
        }
    }

    @Test func copyIsRefused() async throws {
        try await TestDatabase.withPool({ $0.maximumConnections = 1 }) { pool in
            let error = try await failure { try await pool.run("COPY pg_class TO STDOUT") }
            #expect(error.code == .other)
            #expect(try await pool.integer("SELECT 1") == 1)
        }
    }
}

/// Carries a session out of its closure, which the type system allows on purpose only through a trick like this.
///
/// `@unchecked Sendable`: written and read by one test, one after the other.
private final class Escaped: @unchecked Sendable {
    var session: PostgresSession?
}
