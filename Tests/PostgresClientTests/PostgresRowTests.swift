import PostgresClient
import TestServers
import Testing

@Suite(.timeLimit(.minutes(1)))
struct PostgresRowTests {
    private static let statement = PostgresStatement(
        "reading_rows",
        "SELECT n AS number, 'name ' || n AS name, NULLIF(n, 2) AS rest FROM generate_series(1, 2) AS g (n)"
    )

    private static func read(
        _ body: @escaping @Sendable (PostgresRows) throws -> Void, _ statement: PostgresStatement = statement
    ) async throws {
        try await TestDatabase.withPool { pool in
            try await pool.withSession { try body(try $0.execute(statement)) }
        }
    }

    /// What reading fails with.
    private static func fault(
        _ statement: PostgresStatement = statement, _ body: @escaping @Sendable (inout PostgresRow) throws -> Void
    ) async throws -> String {
        let error = try await failure { try await read({ try $0.forEach(body) }, statement) }
        #expect(error.code == .decoding)
        return error.message
    }

    @Test func columnsAreReadByNameInAnyOrder() async throws {
        try await Self.read { (rows: PostgresRows) throws in
            let read = try rows.map { row in
                let rest: Int? = try row("rest")
                let (name, number): (String, Int) = (try row("name"), try row("number"))
                return "\(name) \(number) \(rest ?? 0)"
            }
            #expect(read == ["name 1 1 1", "name 2 2 0"])
        }
    }

    @Test func rowsThatAreNotReadWholeAreErrors() async throws {
        let fault = try await Self.fault { row in
            _ = try row("number") as Int
            _ = try row("name") as String
        }
        #expect(fault == "row 0 of the result of 'reading_rows' was not read whole, left over: rest")
        try await Self.read { (rows: PostgresRows) throws in
            let numbers = try rows.map { row -> Int in
                let number: Int = try row("number")
                row.skipRest()
                return number
            }
            #expect(numbers == [1, 2])
        }
    }

    @Test func columnsThatAreNotThereOrWereReadAreErrors() async throws {
        let absent = try await Self.fault { _ = try $0("numbers") as Int }
        #expect(absent.hasPrefix("the result of 'reading_rows' has no column 'numbers'"))
        let prefix = try await Self.fault { _ = try $0("num") as Int }
        #expect(prefix.contains("no column 'num'"))
        let twice = try await Self.fault { row in for _ in 0..<2 { _ = try row("number") as Int } }
        #expect(twice.contains("'number', or it was read before"))
        let two = PostgresStatement("reading_twins", "SELECT 1 AS a, 2 AS b, 3 AS a")
        let twins = try await Self.fault(two) { _ = try $0("b") as Int }
        #expect(twins == "the result of 'reading_twins' has two columns 'a'")
    }

    @Test func faultsSayWhereAndNeverWhatStoodThere() async throws {
        let null = try await Self.fault { row in
            _ = try row("rest") as Int
            row.skipRest()
        }
        #expect(null == "row 1, column 2 (rest) of the result of 'reading_rows' is NULL; to be read was an integer")
        let secret = PostgresStatement("reading_secrets", "SELECT 'a secret' AS word, ARRAY['another', NULL] AS words")
        let type = try await Self.fault(secret) { _ = try $0("word") as Int? }
        #expect(
            type
                == "row 0, column 0 (word) of the result of 'reading_secrets' is of type text; "
                + "to be read was an integer or NULL")
        let element = try await Self.fault(secret) { _ = try $0("words") as [String] }
        #expect(element.hasPrefix("row 0, column 1 (words) of the result of 'reading_secrets' has NULL elements"))
        let elements = try await Self.fault(secret) { _ = try $0("words") as [Int] }
        #expect(elements.contains("has elements of type text"))
    }

    @Test func valuesOfOneColumnNeedNoName() async throws {
        let two = PostgresStatement("reading_two", "SELECT 1 AS a, 2 AS b")
        let none = PostgresStatement("reading_none", "SELECT 1 WHERE FALSE")
        try await Self.read(
            { (rows: PostgresRows) throws in
                #expect(try rows.column() == [5, 6])
                #expect(try rows.only() == 5)
            }, PostgresStatement("reading_five", "SELECT generate_series(5, 6)"))
        try await Self.read(
            { (rows: PostgresRows) throws in
                #expect(throws: PostgresError.self) { try rows.only() as Int }
                #expect(throws: PostgresError.self) { try rows.column() as [Int] }
            }, two)
        try await Self.read(
            { (rows: PostgresRows) throws in
                #expect(try rows.column() as [Int] == [])
                #expect(try rows.first { try $0("a") as Int } == nil)
                #expect(throws: PostgresError.self) { try rows.only() as Int }
                #expect(throws: PostgresError.self) { try rows.one { try $0("a") as Int } }
            }, none)
    }
}
