import FleetStore
import PostgresClient
import TestServers
import Testing

@testable import Commands

@Suite(.timeLimit(.minutes(1))) struct SnapshotCheckTests {
    /// What `pg_dump` does, and a forgotten BEGIN.
    @Test func aSnapshotThatIsHeldForLongIsNamed() async throws {
        try await NewDatabase.run { _, pool in
            #expect(try await SnapshotCheck.finding(OperatorStore(pool: pool), longest: .zero) == nil)
            let release = BlockingSignal()
            let (isHeld, held) = AsyncStream<Void>.makeStream()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    try await pool.transaction { session in
                        try session.executeSimple("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
                        try session.executeSimple("SELECT 1")
                        held.yield()
                        release.wait()
                    }
                }
                for await _ in isHeld { break }
                defer { release.open() }
                let finding = try #require(try await SnapshotCheck.finding(OperatorStore(pool: pool), longest: .zero))
                #expect(finding.detail.contains("has held a snapshot"))
                #expect(finding.remedy?.contains("pg_terminate_backend(") == true)
                // As long as anybody may.
                #expect(try await SnapshotCheck.finding(OperatorStore(pool: pool)) == nil)
            }
        }
    }
}
