import FleetCore
import FleetStore
import JSON
import UTC

extension CircuitRow {
    var json: JSONValue {
        [
            "provider": .string(circuit.provider), "model": circuit.model.map { .string($0) } ?? .null,
            "reason": .string(circuit.reason.rawValue), "workers": .integer(workers),
            "all_workers": .integer(allWorkers),
            "opened_at": .string(Timestamp.iso8601(microseconds: circuit.openedAt)),
            "next_probe_at": .string(Timestamp.iso8601(microseconds: circuit.probesAt)),
            "error": .string(circuit.error),
        ]
    }

    static func table(_ rows: [CircuitRow]) -> TextTable {
        var table = TextTable([
            .init("PROVIDER"), .init("MODEL"), .init("REASON"), .init("WORKERS", isNumeric: true),
            .init("OPEN SINCE (UTC)"), .init("NEXT PROBE (UTC)"), .init("LAST ERROR"),
        ])
        for row in rows {
            table.add([
                row.circuit.provider, row.circuit.model ?? "all", row.circuit.reason.rawValue,
                "\(row.workers) of \(row.allWorkers)",
                PlainText.time(Timestamp.iso8601(microseconds: row.circuit.openedAt)),
                PlainText.time(Timestamp.iso8601(microseconds: row.circuit.probesAt)),
                PlainText.shortened(PlainText.line(row.circuit.error), to: 100),
            ])
        }
        return table
    }
}
