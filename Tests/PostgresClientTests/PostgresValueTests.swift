import Testing

@testable import PostgresClient

@Suite(.timeLimit(.minutes(1)))
struct PostgresValueTests {
    private static let everything = PostgresStatement(
        "values",
        """
        SELECT $1::bool, $2::int8::int2, $3::int4, $4::int8, $5::float8, $6::text, $7::timestamptz
        """)

    @Test func everyScalarComesBackAsItWasSent() async throws {
        try await TestDatabase.withPool { pool in
            try await pool.withSession { session in
                let rows = try session.execute(
                    Self.everything,
                    [
                        .bool(true), .int8(-32768), .int4(.min), .int8(.max), .float8(-0.1), .text("grüße 東京 🚀"),
                        .timestamptz(-1),
                    ])
                #expect(rows.count == 1)
                #expect(try rows.bool(0, 0))
                #expect(try rows.int(0, 1) == -32768)
                #expect(try rows.int(0, 2) == Int(Int32.min))
                #expect(try rows.int(0, 3) == .max)
                #expect(try rows.float8(0, 4) == -0.1)
                #expect(try rows.text(0, 5) == "grüße 東京 🚀")
                #expect(try rows.timestamptz(0, 6) == -1)
            }
        }
    }

    @Test func everyScalarCanBeNull() async throws {
        try await TestDatabase.withPool { pool in
            try await pool.withSession { session in
                let rows = try session.execute(Self.everything, [PostgresValue](repeating: .null, count: 7))
                #expect(try rows.optionalBool(0, 0) == nil)
                #expect(try rows.optionalInt(0, 3) == nil)
                #expect(try rows.optionalFloat8(0, 4) == nil)
                #expect(try rows.optionalText(0, 5) == nil)
                #expect(try rows.optionalTimestamptz(0, 6) == nil)
                #expect(throws: PostgresError.self) { try rows.text(0, 5) }
            }
        }
    }

    @Test func emptyValuesAreNotNull() async throws {
        try await TestDatabase.withPool { pool in
            try await pool.withSession { session in
                let rows = try session.execute(
                    PostgresStatement("empty", "SELECT $1::text, length($2::bytea)"), [.text(""), .bytes([])])
                #expect(try rows.text(0, 0) == "")
                #expect(try rows.int(0, 1) == 0)
            }
        }
    }

    @Test(arguments: [
        (PostgresValue.boolArray([true, false]), "{t,f}"), (.boolArray([]), "{}"),
        (.int4Array([1, nil, -3]), "{1,NULL,-3}"), (.int8Array([.max, nil]), "{9223372036854775807,NULL}"),
        (.int8Array([]), "{}"), (.float8Array([1.5, nil]), "{1.5,NULL}"),
        (.textArray(["a", nil, "ü,\"", ""]), "{a,NULL,\"ü,\\\"\",\"\"}"), (.textArray([]), "{}"),
        (.jsonbArray(["{}", nil]), "{\"{}\",NULL}"), (.jsonbArray([]), "{}"),
    ])
    func arraysArriveWhole(value: PostgresValue, text: String) async throws {
        try await TestDatabase.withPool { pool in
            let types: [(PostgresValue) -> String?] = [
                { if case .boolArray = $0 { "bool" } else { nil } },
                { if case .int4Array = $0 { "int4" } else { nil } },
                { if case .int8Array = $0 { "int8" } else { nil } },
                { if case .float8Array = $0 { "float8" } else { nil } },
                { if case .textArray = $0 { "text" } else { nil } },
                { if case .jsonbArray = $0 { "jsonb" } else { nil } },
            ]
            let type = try #require(types.lazy.compactMap { $0(value) }.first)
            try await pool.withSession { session in
                let rows = try session.execute(
                    PostgresStatement("array of \(type)", "SELECT ($1::\(type)[])::text"), [value])
                #expect(try rows.text(0, 0) == text)
            }
        }
    }

    @Test func arraysAreReadBack() async throws {
        try await TestDatabase.withPool { pool in
            try await pool.withSession { session in
                let rows = try session.execute(
                    PostgresStatement(
                        "read arrays",
                        """
                        SELECT ARRAY['a', 'ü']::text[], '{}'::text[], ARRAY['a', NULL]::varchar[], ARRAY[1, 2]::int8[],
                               ARRAY[1, NULL]::int4[], ARRAY[[1, 2], [3, 4]], NULL::text[], 1
                        """))
                #expect(try rows.textArray(0, 0) == ["a", "ü"])
                #expect(try rows.textArray(0, 1) == [])
                #expect(try rows.textArrayWithNulls(0, 2) == ["a", nil])
                #expect(throws: PostgresError.self) { try rows.textArray(0, 2) }
                #expect(try rows.int8Array(0, 3) == [1, 2])
                #expect(try rows.int8ArrayWithNulls(0, 4) == [1, nil])
                #expect(throws: PostgresError.self) { try rows.int8Array(0, 5) }
                #expect(throws: PostgresError.self) { try rows.textArray(0, 6) }
                #expect(throws: PostgresError.self) { try rows.int8Array(0, 7) }
                #expect(throws: PostgresError.self) { try rows.textArray(0, 3) }
            }
        }
    }

    @Test(arguments: [PostgresValue.timestamptz(.min + 1)])
    func valueThatCannotBeEncodedIsRefused(value: PostgresValue) async throws {
        try await TestDatabase.withPool { pool in
            let error = try await failure {
                try await pool.withSession { _ = try $0.execute(PostgresStatement("refused", "SELECT $1"), [value]) }
            }
            #expect(error.code == .decoding)
        }
    }

    @Test func infiniteTimestampsSurvive() async throws {
        try await TestDatabase.withPool { pool in
            try await pool.withSession { session in
                let rows = try session.execute(
                    PostgresStatement("infinity", "SELECT $1::timestamptz::text, $1, '-infinity'::timestamptz"),
                    [.timestamptz(.max)])
                #expect(try rows.text(0, 0) == "infinity")
                #expect(try rows.timestamptz(0, 1) == .max)
                #expect(try rows.timestamptz(0, 2) == .min)
            }
        }
    }

    @Test func wrongTypeRowOrColumnThrows() async throws {
        try await TestDatabase.withPool { pool in
            try await pool.withSession { session in
                let rows = try session.execute(PostgresStatement("types", "SELECT 'x'::text AS t, 1::int4 AS i"))
                #expect(rows.columns == ["t", "i"])
                #expect(throws: PostgresError.self) { try rows.int(0, 0) }
                #expect(throws: PostgresError.self) { try rows.text(0, 1) }
                #expect(throws: PostgresError.self) { try rows.bool(0, 1) }
                #expect(throws: PostgresError.self) { try rows.int(1, 1) }
                #expect(throws: PostgresError.self) { try rows.int(0, 2) }
                #expect(throws: PostgresError.self) { try rows.int(-1, -1) }
            }
        }
    }

    @Test func enumerationIsReadAsItsLabel() async throws {
        try await TestDatabase.withPool { pool in
            try await pool.withSession { session in
                try session.executeSimple("CREATE TYPE pg_temp.mood AS ENUM ('glad', 'sad')")
                let rows = try session.execute(
                    PostgresStatement("enum", "SELECT 'sad'::pg_temp.mood, ARRAY['glad']::pg_temp.mood[]"))
                #expect(try rows.text(0, 0) == "sad")
                #expect(try rows.textArray(0, 1) == ["glad"])
            }
        }
    }

    @Test(arguments: [PostgresValue.text("a\0b"), .textArray(["a", "\0"]), .jsonb("{\0}")])
    func nulByteIsRefusedBeforeSending(value: PostgresValue) async throws {
        try await TestDatabase.withPool { pool in
            let error = try await failure {
                try await pool.transaction { session in
                    do {
                        _ = try session.execute(PostgresStatement("nul", "SELECT $1"), [value])
                    } catch {
                        // Nothing was sent: the transaction is still good.
                        _ = try session.execute(PostgresStatement("one", "SELECT 1"))
                        throw error
                    }
                }
            }
            #expect(error.code == .invalidText)
            #expect(error.sqlState == nil)
        }
    }

    @Test func invalidUTF8InTheServerIsInvalidText() async throws {
        try await TestDatabase.withPool { pool in
            let error = try await failure {
                try await pool.withSession { session in
                    _ = try session.execute(
                        PostgresStatement("utf8", "SELECT convert_from($1, 'UTF8')"), [.bytes([0xC3, 0x28])])
                }
            }
            #expect(error.code == .invalidText)
            #expect(error.sqlState == "22021")
        }
    }

    @Test func tenThousandElementsTravelInOneParameter() async throws {
        try await TestDatabase.withPool { pool in
            try await pool.withSession { session in
                let rows = try session.execute(
                    PostgresStatement(
                        "unnest",
                        "SELECT count(*), sum(n)::int8, sum(length(t)) FROM unnest($1::int8[], $2::text[]) AS u(n, t)"),
                    [.int8Array((1...10_000).map { $0 }), .textArray((1...10_000).map { "text \($0)" })])
                #expect(try rows.int(0, 0) == 10_000)
                #expect(try rows.int(0, 1) == 50_005_000)
                #expect(try rows.int(0, 2) == 88_894)
            }
        }
    }
}

/// By position: what ``PostgresRow`` reads is asked for by name.
extension PostgresRows {
    fileprivate func bool(_ row: Int, _ column: Int) throws -> Bool { try value(row, column) }
    fileprivate func optionalBool(_ row: Int, _ column: Int) throws -> Bool? { try value(row, column) }
    fileprivate func int(_ row: Int, _ column: Int) throws -> Int { try value(row, column) }
    fileprivate func optionalInt(_ row: Int, _ column: Int) throws -> Int? { try value(row, column) }
    fileprivate func float8(_ row: Int, _ column: Int) throws -> Double { try value(row, column) }
    fileprivate func optionalFloat8(_ row: Int, _ column: Int) throws -> Double? { try value(row, column) }
    fileprivate func text(_ row: Int, _ column: Int) throws -> String { try value(row, column) }
    fileprivate func optionalText(_ row: Int, _ column: Int) throws -> String? { try value(row, column) }
    fileprivate func timestamptz(_ row: Int, _ column: Int) throws -> Int {
        (try value(row, column) as PostgresTimestamp).microseconds
    }
    fileprivate func optionalTimestamptz(_ row: Int, _ column: Int) throws -> Int? {
        (try value(row, column) as PostgresTimestamp?)?.microseconds
    }
    fileprivate func textArray(_ row: Int, _ column: Int) throws -> [String] { try value(row, column) }
    fileprivate func textArrayWithNulls(_ row: Int, _ column: Int) throws -> [String?] { try value(row, column) }
    fileprivate func int8Array(_ row: Int, _ column: Int) throws -> [Int] { try value(row, column) }
    fileprivate func int8ArrayWithNulls(_ row: Int, _ column: Int) throws -> [Int?] { try value(row, column) }
}
