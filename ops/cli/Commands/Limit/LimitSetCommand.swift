import ArgumentParser
import FleetCore
import FleetStore

/// `mixmyai limit set PROVIDER[/CLASS]`.
struct LimitSetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: "Change limits: in force on every worker within a second, kept across restarts.",
        discussion: """
            Limits that are not named keep their value; `none` means unlimited. Without CLASS the limits hold for every
            class of the provider that has none of its own.

            mixmyai limit set openai --rpm 500 --tpm 90000
            mixmyai limit set anthropic/claude-opus --input-tpm 400000 --output-tpm 80000 --tpm none
            """)

    @OptionGroup(title: "Global options") var global: GlobalOptions

    @Argument(help: ArgumentHelp("A provider, or one of its model classes.", valueName: "provider[/class]"))
    var target: String

    @Option(help: ArgumentHelp("Requests per minute.", valueName: "n")) var rpm: LimitValue?
    @Option(help: ArgumentHelp("Input and output tokens per minute, together.", valueName: "n")) var tpm: LimitValue?
    @Option(help: ArgumentHelp("Input tokens per minute.", valueName: "n")) var inputTpm: LimitValue?
    @Option(help: ArgumentHelp("Output tokens per minute.", valueName: "n")) var outputTpm: LimitValue?
    @Option(help: ArgumentHelp("Calls in flight.", valueName: "n")) var concurrency: LimitValue?

    private var change: LimitChange {
        LimitChange(
            requests: rpm, tokens: tpm, inputTokens: inputTpm, outputTokens: outputTpm, concurrency: concurrency)
    }

    private var parts: [String] {
        target.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    }

    func validate() throws {
        guard !change.isEmpty else {
            throw ValidationError("Name at least one of --rpm, --tpm, --input-tpm, --output-tpm, --concurrency.")
        }
        guard ["openai", "anthropic"].contains(parts[0]) else {
            throw ValidationError("There is no provider '\(parts[0])': openai or anthropic.")
        }
        guard parts.allSatisfy({ (1...100).contains($0.count) && !$0.contains(where: \.isWhitespace) }) else {
            throw ValidationError("'\(target)' is not of the form PROVIDER or PROVIDER/CLASS.")
        }
    }

    func run() async throws {
        let limitClass = parts.count == 2 ? parts[1] : LimitSetting.allClasses
        let setting = try await FleetDatabase.withPool(global.fleet) { pool in
            try await OperatorStore(pool: pool).changeLimits(provider: parts[0], limitClass: limitClass) {
                [change] limits in change.apply(to: &limits)
            }
        }
        let view = LimitView(setting, isSet: true)
        global.console.emit(view.json) { global.console.render(LimitView.table([view])) }
    }
}
