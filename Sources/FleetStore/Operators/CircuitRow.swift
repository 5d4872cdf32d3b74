package import FleetCore

/// An open circuit, as the workers that live have it.
package struct CircuitRow: Sendable, Equatable {
    /// The one that was opened first of all of them.
    package let circuit: CircuitReport
    /// Workers that do not call it.
    package let workers: Int
    /// Workers that live.
    package let allWorkers: Int

    package init(circuit: CircuitReport, workers: Int, allWorkers: Int) {
        self.circuit = circuit
        self.workers = workers
        self.allWorkers = allWorkers
    }

    /// Those of all workers, by provider and model.
    package static func merged(_ reports: [[CircuitReport]]) -> [CircuitRow] {
        Dictionary(grouping: reports.joined(), by: { "\($0.provider)/\($0.model ?? "")" }).sorted { $0.key < $1.key }
            .compactMap { _, circuits in
                circuits.min { $0.openedAt < $1.openedAt }.map {
                    CircuitRow(circuit: $0, workers: circuits.count, allWorkers: reports.count)
                }
            }
    }
}
