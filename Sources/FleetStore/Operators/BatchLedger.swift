package import FleetCore
import PostgresClient

/// What a batch has taken, from the ledger.
package struct BatchLedger: Sendable, Equatable {
    package var subtasks: Int
    /// Calls to providers, failed ones included.
    package var calls: Int
    package var cost: CostSums

    package init(subtasks: Int, calls: Int, cost: CostSums) {
        self.subtasks = subtasks
        self.calls = calls
        self.cost = cost
    }

    init(_ row: inout PostgresRow) throws {
        self.init(subtasks: try row("subtasks"), calls: try row("calls"), cost: try CostSums(&row))
    }
}
