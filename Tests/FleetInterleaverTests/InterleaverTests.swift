import FleetInterleaver
import FleetStore
import PostgresClient
import TestServers
import Testing

/// The stores under every order of statements that some seeds come to, on a real database.
@Suite(.serialized) struct InterleaverTests {
    @Test func manySeedsHold() async throws {
        try await Self.run { database in
            for seed in UInt64(1)...60 {
                let report = try await InterleavingRun.run(InterleavingPlan(seed: seed), on: database)
                #expect(report.violations.isEmpty, "seed \(seed)")
            }
        }
    }

    static func run(_ body: @escaping @Sendable (InterleavingDatabase) async throws -> Void) async throws {
        try await NewDatabase.run(connections: 1) { url, pool in
            _ = try await Migrator(pool: pool).migrate()
            try await withResource(
                InterleavingDatabase(url: url), close: { await $0.shutdown() }, body: { try await body($0) })
        }
    }
}
