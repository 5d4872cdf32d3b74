import FleetCore
import PostgresClient

extension OperationRecord {
    init(_ row: inout PostgresRow) throws {
        self.init(
            id: try row("operation_id"), kind: try row.known("kind"), state: try row.known("state"),
            matched: try row("matched"), begun: try row("begun"), done: try row("done"), failed: try row("failed"),
            skipped: try row("skipped"), ratePerMinute: try row("rate_per_minute"), hasCanary: try row("canary"),
            actor: try row("actor"), reason: try row("reason"), createdAt: try row.time("created_at"),
            finishedAt: try row.optionalTime("finished_at"), problem: try row("problem"))
    }
}
