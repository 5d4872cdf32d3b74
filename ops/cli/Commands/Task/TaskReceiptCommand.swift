import ArgumentParser
import FleetCore

/// `mixmyai task receipt ID`.
struct TaskReceiptCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "receipt", abstract: "Show what a task has cost, call by call, and why.",
        discussion: """
            Proved is the cost of calls whose tokens the provider has reported. Expected adds what is estimated of calls \
            that were cut short or lost, at most the most that these may have cost. Each cost is computed again from the \
            price that stands beside it; a difference is shown.
            """)

    @OptionGroup(title: "Global options") var global: GlobalOptions
    @Argument(help: "The task's id.") var id: TaskID

    func run() async throws {
        let receipt = try await GatewayAPI.withAPI(global.fleet) { try await $0.get(id.path("/receipt")) }
        global.console.emit(receipt) { ReceiptView(receipt, style: global.console.style).text }
    }
}
