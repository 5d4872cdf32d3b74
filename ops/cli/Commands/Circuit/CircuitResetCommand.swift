import ArgumentParser
import FleetCore
import FleetStore
import JSON

/// `mixmyai circuit reset [PROVIDER[/MODEL]]`.
struct CircuitResetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reset",
        abstract: "Call again at once: credit was paid, a key was mended, a server is back.",
        discussion: """
            Without an argument all circuits. Every worker closes them within a second, and the steps that wait for them
            come back then. If the cause is still there, they open again.

            mixmyai circuit reset openai
            mixmyai circuit reset openai/gpt-6.1-sol
            """)

    @OptionGroup(title: "Global options") var global: GlobalOptions

    @Argument(help: ArgumentHelp("A provider, or one of its models.", valueName: "provider[/model]"))
    var target: String?

    @Option(help: "Why, for the audit log.") var reason = "reset by hand"

    private func parsedTarget() throws -> ProviderTarget? { try target.map { try ProviderTarget($0, part: "MODEL") } }

    func validate() throws { _ = try parsedTarget() }

    func run() async throws {
        let target = try parsedTarget()
        let (provider, model) = (target?.provider, target?.part)
        let action = try Operator.action(reason)
        let (workers, steps) = try await FleetDatabase.withPool(global.fleet) { pool in
            try await OperatorStore(pool: pool).resetCircuits(provider: provider, model: model, action)
        }
        let result: JSONValue = [
            "provider": provider.map { .string($0) } ?? .null, "model": model.map { .string($0) } ?? .null,
            "workers": .integer(workers), "steps_released": .integer(steps),
        ]
        global.console.emit(result) {
            "\(workers) \(workers == 1 ? "worker closes" : "workers close") the circuits within a second;"
                + " \(steps) waiting \(steps == 1 ? "step comes" : "steps come") back then."
        }
    }
}
