import Foundation
import PostgresClient
import TestServers
import Testing

@testable import FleetStore

/// An older database comes up to date with every row it had.
///
/// The fixture is the dump of a small fleet in the middle of its work, at schema 4: tasks in all states, a revision that
/// waits, dead letters, a paused batch, calls under way.
@Suite(.timeLimit(.minutes(2))) struct UpgradeTests {
    private static let fixture = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Fixtures/schema-0004.sql.gz").path

    /// What is called something else afterwards: an interaction's id is made of its event's number.
    private static let renamed = ["interactions.interaction_id"]

    @Test func everyRowIsThereAfterwards() async throws {
        try await NewDatabase.run(connections: 1) { url, pool in
            try Self.load(url)
            let columns = try await Self.columns(pool)
            #expect(columns.count > 20)
            let before = try await Self.contents(columns, pool)
            #expect(before.values.filter { $0.count > 0 }.count > 15)
            #expect(try await Migrator(pool: pool).migrate() == ["0005-lean-rows", "0006-limit-waits"])
            let after = try await Self.contents(columns, pool)
            for table in columns.keys.sorted() {
                let (old, new) = (before[table] ?? [], after[table] ?? [])
                #expect(old.count == new.count, "\(table)")
                let lost = Set(old).subtracting(new)
                #expect(lost.isEmpty, "\(table): \(lost.count) rows, such as \(lost.first?.prefix(300) ?? "")")
            }
            // Streams go on where they were, and numbers are given once.
            #expect(
                try await pool.integer(
                    """
                    SELECT count(*) FROM tasks t WHERE event_seq <> (
                        SELECT count(*) FROM events e WHERE e.task_id = t.task_id AND e.seq BETWEEN 1 AND t.event_seq)
                    """) == 0)
            #expect(try await pool.integer("SELECT count(DISTINCT interaction_id) - count(*) FROM interactions") == 0)
        }
    }

    private static func load(_ url: String) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", "gunzip -c \"$0\" | psql -q -X -v ON_ERROR_STOP=1 \"$1\" > /dev/null", fixture, url]
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
    }

    private static func columns(_ pool: PostgresPool) async throws -> [String: [String]] {
        let names = try await pool.texts(
            """
            SELECT table_name || '.' || column_name FROM information_schema.columns
            WHERE table_schema = 'public' AND table_name <> 'schema_migrations' ORDER BY table_name, ordinal_position
            """)
        let parts = names.filter { !renamed.contains($0) }.map { $0.split(separator: ".").map(String.init) }
        return Dictionary(grouping: parts, by: { $0[0] }).mapValues { $0.map { $0[1] } }
    }

    /// The rows of each table as texts of these columns.
    private static func contents(_ columns: [String: [String]], _ pool: PostgresPool) async throws -> [String: [String]]
    {
        var contents: [String: [String]] = [:]
        for (table, columns) in columns {
            let texts = columns.map { "coalesce(\($0)::text, '~')" }.joined(separator: ", ")
            contents[table] = try await pool.texts("SELECT concat_ws('|', \(texts)) FROM \(table)")
        }
        return contents
    }
}
