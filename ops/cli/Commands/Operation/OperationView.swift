import FleetCore
import JSON
import UTC

/// An operation as it is shown.
enum OperationView {
    static func json(_ record: OperationRecord) -> JSONValue {
        [
            "operation_id": .string(record.id), "kind": .string(record.kind.rawValue),
            "state": .string(record.state.rawValue), "matched": .integer(record.matched),
            "begun": .integer(record.begun), "done": .integer(record.done), "failed": .integer(record.failed),
            "skipped": .integer(record.skipped),
            "rate_per_minute": record.ratePerMinute.map { .integer($0) } ?? .null, "canary": .bool(record.hasCanary),
            "actor": .string(record.actor), "reason": .string(record.reason),
            "created_at": .string(Timestamp.iso8601(microseconds: record.createdAt)),
            "finished_at": record.finishedAt.map { .string(Timestamp.iso8601(microseconds: $0)) } ?? .null,
            "problem": record.problem.map { .string($0) } ?? .null,
        ]
    }

    static func line(_ record: OperationRecord) -> String {
        var line = "\(record.id) \(record.state.rawValue): \(record.done) of \(record.matched) done"
        let atWork = record.begun - record.done - record.failed - record.skipped
        if atWork > 0 { line += ", \(atWork) at work" }
        if record.failed > 0 { line += ", \(record.failed) failed" }
        if record.skipped > 0 { line += ", \(record.skipped) skipped" }
        return line + (record.problem.map { "; \($0)" } ?? "")
    }

    static func table(_ records: [OperationRecord]) -> TextTable {
        var table = TextTable([
            .init("OPERATION"), .init("KIND"), .init("STATE", isState: true), .init("MATCHED", isNumeric: true),
            .init("DONE", isNumeric: true), .init("FAILED", isNumeric: true), .init("SKIPPED", isNumeric: true),
            .init("PER MIN", isNumeric: true), .init("BY"), .init("SINCE (UTC)"), .init("WHY"),
        ])
        for record in records {
            table.add([
                record.id, record.kind.rawValue, record.state.rawValue, "\(record.matched)", "\(record.done)",
                "\(record.failed)", "\(record.skipped)", record.ratePerMinute.map { "\($0)" } ?? "-", record.actor,
                PlainText.time(Timestamp.iso8601(microseconds: record.createdAt)), record.problem ?? record.reason,
            ])
        }
        return table
    }
}
