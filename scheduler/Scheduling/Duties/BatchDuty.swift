import AsyncPrimitives
import FleetCore
import FleetMetrics
import Logging

/// Looks after batches: their results' numbers, their breakers, their pilots.
struct BatchDuty: Sendable {
    /// Between two looks: how late a breaker may be.
    private static let interval: Duration = .seconds(1)

    let keeper: any BatchKeeper
    let rounds: Rounds
    /// Given when something may go out that could not before.
    let advance: Nudge

    func run() async {
        while !rounds.areOver {
            await rounds.attempt(.batches) { try await runOnce() }
            try? await rounds.time.sleep(for: Self.interval)
        }
    }

    func runOnce() async throws {
        let keeping = try await keeper.keepBatches()
        for batch in keeping.tripped {
            rounds.logger.warning(
                "a batch was paused: one fault makes up its failures", metadata: ["batch": "\(batch)"])
        }
        for batch in keeping.pilotsStopped {
            rounds.logger.warning("a batch was paused: its pilot is out of bounds", metadata: ["batch": "\(batch)"])
        }
        if keeping.hasReleased { advance.give() }
    }
}
