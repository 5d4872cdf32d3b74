import ArgumentParser
import FleetCore
import FleetStore

/// `mixmyai worker list`.
struct WorkerListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Show the workers, whichever machine they are on.")

    @OptionGroup(title: "Global options") var global: GlobalOptions
    @Flag(help: "Also those that have ended.") var all = false

    func run() async throws {
        let all = all
        let workers = try await FleetDatabase.withPool(global.fleet) { pool in
            try await OperatorStore(pool: pool).workers(includingEnded: all)
        }
        global.console.emit(workers.map(\.json)) { global.console.render(WorkerRow.table(workers)) }
    }
}
