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

    private var parts: [String] {
        (target ?? "").split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    }

    func validate() throws {
        guard let target else { return }
        guard parts.allSatisfy({ (1...100).contains($0.count) && !$0.contains(where: \.isWhitespace) }) else {
            throw ValidationError("'\(target)' is not of the form PROVIDER or PROVIDER/MODEL.")
        }
        guard ["openai", "anthropic"].contains(parts[0]) else {
            throw ValidationError("There is no provider '\(parts[0])': openai or anthropic.")
        }
    }

    func run() async throws {
        let provider = target == nil ? nil : parts[0]
        let model = parts.count == 2 ? parts[1] : nil
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
