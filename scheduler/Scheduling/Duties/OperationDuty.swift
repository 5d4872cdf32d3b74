import AsyncPrimitives
import FleetCore
import FleetMetrics

/// Carries on operators' long work, such as replays of dead letters. Of several schedulers each operation has one at a
/// time, whichever comes.
struct OperationDuty: Sendable {
    /// Between two looks: how late a replay's rate may be.
    private static let interval: Duration = .seconds(1)

    let book: any OperationBook
    let rounds: Rounds
    /// Given when tasks were asked to try again.
    let advance: Nudge

    func run() async {
        while !rounds.areOver {
            await rounds.attempt(.operations) { try await runOnce() }
            try? await rounds.time.sleep(for: Self.interval)
        }
    }

    @discardableResult
    func runOnce() async throws -> OperationProgress {
        let progress = try await book.continueOperations()
        rounds.metrics.replaysBegun(progress.begun)
        if progress.begun > 0 { advance.give() }
        return progress
    }
}
