import PostgresClient
import TestServers
import Testing

/// PgBouncer 1.21 and newer in transaction mode, which TEST_PGBOUNCER names where an older one is installed.
@Suite(.enabled(if: PrivatePgBouncer.carriesStatements), .timeLimit(.minutes(1)))
struct PostgresCarryingPoolerTests {
    private static func withPool<Result: Sendable>(
        _ settings: [String: String] = [:], connections: Int = 4, _ body: (PostgresPool) async throws -> Result
    ) async throws -> Result {
        let carrying = settings.merging(["max_prepared_statements": "500"]) { given, _ in given }
        return try await PrivatePgBouncer.run(mode: "transaction", settings: carrying) { url in
            let change: (inout PostgresConfiguration) -> Void = {
                ($0.pooler, $0.maximumConnections) = (.transaction, connections)
            }
            return try await TestDatabase.withPool(url: url, change, body)
        }
    }

    @Test(arguments: [
        (mode: "transaction", PostgresPooling.transaction(carriesStatements: true)), ("statement", .statement),
    ])
    func itIsFoundOut(mode: String, expected: PostgresPooling) async throws {
        try await PrivatePgBouncer.run(mode: mode, settings: ["max_prepared_statements": "500"]) { url in
            for _ in 0..<3 {
                let pooling = try await PostgresPooling.detect(PostgresConfiguration(url: url))
                #expect(pooling == expected)
            }
        }
    }

    /// The pooler knows a statement by its text: prepared again with the same one, it stays as stale as it is.
    @Test func changedTableIsPreparedAnew() async throws {
        let table = "changing_\(UInt64.random(in: 0...UInt64.max))"
        try await Self.withPool(["default_pool_size": "2"]) { pool in
            try await pool.run("CREATE TABLE \(table) (a int4)")
            let statement = PostgresStatement("star", "SELECT * FROM \(table)")
            let columns: @Sendable (PostgresSession) throws -> [String] = { try $0.execute(statement).columns }
            for added in ["b", "c", "d"] {
                for _ in 0..<8 { _ = try await pool.withSession(columns) }
                try await pool.run("ALTER TABLE \(table) ADD COLUMN \(added) int4")
                for _ in 0..<8 {
                    let seen = try await withThrowingTaskGroup(of: [String].self) { group in
                        for _ in 0..<4 { group.addTask { try await pool.withSession(columns) } }
                        return try await group.reduce(into: []) { $0.append($1.last ?? "") }
                    }
                    #expect(seen == [added, added, added, added])
                }
            }
            try await pool.run("DROP TABLE \(table)")
        }
    }

    /// What is sent as a whole, or in a transaction, fails once, and is right when it is done again.
    @Test(arguments: [true, false]) func changedTableFailsATransactionOnce(isPipeline: Bool) async throws {
        let table = "changing_\(UInt64.random(in: 0...UInt64.max))"
        try await Self.withPool(["default_pool_size": "1"], connections: 1) { pool in
            try await pool.run("CREATE TABLE \(table) (a int4)")
            let statement = PostgresStatement("star", "SELECT * FROM \(table)")
            let columns: @Sendable () async throws -> [String] = {
                if isPipeline {
                    return try await pool.withSession { try $0.pipeline([(statement, []), (statement, [])]) }[1].columns
                }
                return try await pool.transaction { try $0.execute(statement).columns }
            }
            var expected = ["a"]
            for added in ["b", "c"] {
                #expect(try await columns() == expected)
                try await pool.run("ALTER TABLE \(table) ADD COLUMN \(added) int4")
                expected.append(added)
                let error = try await failure { _ = try await columns() }
                #expect(error.sqlState == "0A000", "\(error)")
            }
            #expect(try await columns() == expected)
            try await pool.run("DROP TABLE \(table)")
        }
    }

    /// Few server connections and few statements on each: what one client gives up another one needs.
    @Test(arguments: ["1", "3"]) func failuresOfOneStayWithIt(statements: String) async throws {
        try await Self.withPool(["default_pool_size": "2", "max_prepared_statements": statements], connections: 8) {
            pool in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for client in 0..<8 {
                    group.addTask {
                        for round in 0..<30 {
                            let number = (client + round) % 5
                            let right = PostgresStatement("right_\(number)", "SELECT $1::int8 + \(number)")
                            let wrong = PostgresStatement("wrong_\(number)", "SELECT $1::int8 / 0 + \(number)")
                            let broken = PostgresStatement("broken_\(number)", "SELECT nothing_\(number)")
                            let failing = [right, round.isMultiple(of: 2) ? wrong : broken, right]
                            await #expect(throws: PostgresError.self) {
                                try await pool.withSession {
                                    try $0.pipeline(failing.map { ($0, $0 == broken ? [] : [.int8(1)]) })
                                }
                            }
                            let rows = try await pool.withSession {
                                try $0.pipeline([(right, [.int8(1)]), (right, [.int8(2)])])
                            }
                            let sums = try rows.map { try $0.only() as Int }
                            #expect(sums == [1 + number, 2 + number])
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    /// A cancel request that comes late must not end what somebody else runs on the same server connection.
    @Test func aCancelHitsNobodyElse() async throws {
        try await Self.withPool(["default_pool_size": "2"], connections: 8) { pool in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for client in 0..<8 {
                    group.addTask {
                        for round in 0..<40 {
                            let sleep = Double((client * 7 + round * 3) % 5) / 1000
                            let isVictim = (client + round).isMultiple(of: 2)
                            let work = Task {
                                try await pool.transaction { session in
                                    _ = try session.execute(
                                        PostgresStatement("nap", "SELECT pg_sleep($1)::text"), [.float8(sleep)])
                                    return try session.execute(PostgresStatement("seven", "SELECT 7::int8")).only()
                                        as Int
                                }
                            }
                            if isVictim {
                                try await Task.sleep(for: .microseconds(Int.random(in: 0...6000)))
                                work.cancel()
                                do {
                                    _ = try await work.value
                                } catch let error as PostgresError {
                                    #expect(error.code == .cancelled, "\(error)")
                                }
                            } else {
                                let answer = try await work.value
                                #expect(answer == 7)
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }
}
