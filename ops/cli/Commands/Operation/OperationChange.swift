import ArgumentParser
import FleetCore
import FleetStore

/// The operation that a command pauses, goes on with, or ends.
struct OperationChange: ParsableArguments {
    @Argument(help: "The operation's id.") var id: String

    /// Makes the change and shows what the operation is then.
    func make(_ state: OperationRecord.State, _ reason: String, _ global: GlobalOptions) async throws {
        let (id, action) = (id, try Operator.action(reason))
        let record = try await FleetDatabase.withPool(global.fleet) {
            try await PostgresOperationBook(pool: $0).change(id, to: state, action)
        }
        global.console.emit(OperationView.json(record)) { OperationView.line(record) }
    }
}
