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
            mixmyai limit set anthropic/claude-opus-5-5 --input-tpm 400000 --output-tpm 80000 --tpm none
            """)

    @OptionGroup(title: "Global options") var global: GlobalOptions

    @Argument(help: ArgumentHelp("A provider, or one of its model classes.", valueName: "provider[/class]"))
    var target: String

    @Option(help: ArgumentHelp("Requests per minute.", valueName: "n"), transform: LimitValue.init)
    var rpm: LimitValue?
    @Option(
        help: ArgumentHelp("Input and output tokens per minute, together.", valueName: "n"), transform: LimitValue.init)
    var tpm: LimitValue?
    @Option(help: ArgumentHelp("Input tokens per minute.", valueName: "n"), transform: LimitValue.init)
    var inputTpm: LimitValue?
    @Option(help: ArgumentHelp("Output tokens per minute.", valueName: "n"), transform: LimitValue.init)
    var outputTpm: LimitValue?
    @Option(help: ArgumentHelp("Calls in flight.", valueName: "n"), transform: LimitValue.init)
    var concurrency: LimitValue?

    @Option(help: "Why, for the audit log.") var reason = "set by hand"

    private var change: LimitChange {
        LimitChange(
            requests: rpm, tokens: tpm, inputTokens: inputTpm, outputTokens: outputTpm, concurrency: concurrency)
    }

    private func parsedTarget() throws -> ProviderTarget { try ProviderTarget(target, part: "CLASS") }

    func validate() throws {
        guard !change.isEmpty else {
            throw ValidationError("Name at least one of --rpm, --tpm, --input-tpm, --output-tpm, --concurrency.")
        }
        _ = try parsedTarget()
    }

    func run() async throws {
        let (target, action) = (try parsedTarget(), try Operator.action(reason))
        let setting = try await FleetDatabase.withPool(global.fleet) { pool in
            try await OperatorStore(pool: pool).changeLimits(
                provider: target.provider, limitClass: target.part ?? LimitSetting.allClasses, action
            ) { [change] limits in change.apply(to: &limits) }
        }
        warnOfUnknownClass(target)
        let view = LimitView(setting, source: .operator)
        global.console.emit(view.json) { global.console.render(LimitView.table([view])) }
    }

    /// The fleet's workers may have another catalogue: so no refusal.
    private func warnOfUnknownClass(_ target: ProviderTarget) {
        guard let limitClass = target.part, limitClass != LimitSetting.allClasses,
            let models = CatalogueCheck(global.environment).models
        else { return }
        let classes = Set(models.filter { $0.provider == target.provider }.map(\.limitClass)).sorted()
        guard !classes.contains(limitClass) else { return }
        global.console.note(
            "warning: no model of the catalogue here has the class '\(limitClass)': \(classes.joined(separator: ", ")). "
                + "Nothing is limited by it")
    }
}
