import AsyncPrimitives
import FleetCore
import FleetMetrics

/// Sends out ready steps, as far as their queues' windows have room.
struct DispatchDuty: Sendable {
    let store: any WorkflowStore
    let issuer: TicketIssuer
    let rounds: Rounds
    /// Tickets per queue and round.
    let limit: Int

    func run(on nudge: Nudge) async {
        for await _ in nudge.all {
            await rounds.attempt(.dispatch) {
                while !rounds.areOver {
                    let (tickets, refused) = try await runOnce()
                    // The next tick tries again what the broker refuses; at once would only spin against one that is away.
                    // A queue that takes none does not hold up the others.
                    if tickets == refused { break }
                }
            }
        }
    }

    /// - Returns: how many tickets there were, and how many of them the broker refused.
    func runOnce() async throws -> (tickets: Int, refused: Int) {
        let start = rounds.time.now
        let tickets = try await store.dispatch(limitPerQueue: limit)
        rounds.turned(.dispatch)
        return (tickets.count, try await issuer.issue(tickets, since: start))
    }
}
