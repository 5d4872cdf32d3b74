import AsyncPrimitives
import FleetCore
import FleetMetrics

/// Takes up parked steps whose time has come.
struct ParkedDuty: Sendable {
    /// Steps per round.
    private static let limit = 1000

    let store: any WorkflowStore
    let issuer: TicketIssuer
    let rounds: Rounds
    /// How often the loop is nudged in any case.
    let tick: Duration
    /// Given when steps are ready again.
    let dispatch: Nudge

    func run(on nudge: Nudge) async {
        for await _ in nudge.all {
            await rounds.attempt(.release) {
                while !rounds.areOver {
                    // Wait for a step that is due before the next tick; one that is parked meanwhile waits for the tick.
                    guard let due = try await runOnce().nextDue, due < tick else { break }
                    try await rounds.time.sleep(for: max(due, .milliseconds(2)))
                }
            }
        }
    }

    @discardableResult
    func runOnce() async throws -> ParkedReport {
        let report = try await store.releaseParked(limit: Self.limit)
        rounds.turned(.release)
        rounds.metrics.released(report.released)
        if report.released > 0 { dispatch.give() }
        try await issuer.issue(report.tickets)
        return report
    }
}
