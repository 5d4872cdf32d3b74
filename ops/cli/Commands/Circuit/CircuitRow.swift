import FleetCore

/// An open circuit, as the workers that live have it.
struct CircuitRow: Sendable, Equatable {
    /// The one that was opened first of all of them.
    let circuit: CircuitReport
    /// Workers that do not call it.
    let workers: Int
    /// Workers that live.
    let allWorkers: Int

    /// Those of all workers, by provider and model.
    static func merged(_ reports: [[CircuitReport]]) -> [CircuitRow] {
        Dictionary(grouping: reports.joined(), by: { "\($0.provider)/\($0.model ?? "")" }).sorted { $0.key < $1.key }
            .compactMap { _, circuits in
                circuits.min { $0.openedAt < $1.openedAt }.map {
                    CircuitRow(circuit: $0, workers: circuits.count, allWorkers: reports.count)
                }
            }
    }

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
