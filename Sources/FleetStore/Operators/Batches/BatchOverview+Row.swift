import FleetCore
import PostgresClient

extension BatchOverview {
    /// A row of ``BatchStatements/overviews``.
    init(_ row: inout PostgresRow) throws {
        let (id, name, user, created, isCancelled): (String, String, String, Int, Bool) = (
            try row("batch_id"), try row("name"), try row("user_id"), try row.time("created_at"),
            try row("is_cancelled")
        )
        let counts = BatchCounts(
            pending: try row("pending"), active: try row("active"), completed: try row("completed"),
            partial: try row("partial"), failed: try row("failed"), cancelled: try row("cancelled"))
        let (progress, looked, seconds): (Int, Int, Double?) = (
            try row("progress"), try row("looked"), try row("seconds")
        )
        self.init(
            id: id, name: name, userID: user, createdAt: created, isCancelled: isCancelled, counts: counts,
            progress: progress, pace: BatchPace(looked: looked, seconds: seconds ?? 0), breaker: try BatchBreaker(&row),
            pilot: try BatchPilot(&row))
    }
}

extension BatchBreaker {
    init?(_ row: inout PostgresRow) throws {
        let (share, minimum): (Double?, Int) = (try row("breaker_share"), try row("breaker_minimum"))
        guard let share else { return nil }
        self.init(share: share, minimum: minimum)
    }
}

extension BatchPilot {
    init?(_ row: inout PostgresRow) throws {
        let (size, state): (Int?, State?) = (try row("pilot_size"), try row.ifKnown("pilot_state"))
        let (score, cost, failures): (Double?, Decimal6?, Double?) = (
            try row("pilot_score"), try row.money("pilot_cost"), try row("pilot_failures")
        )
        guard let size, let state else { return nil }
        self.init(size: size, state: state, leastScore: score, mostCost: cost, mostFailures: failures)
    }
}
