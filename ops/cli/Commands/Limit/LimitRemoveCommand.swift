import ArgumentParser
import FleetCore
import FleetStore
import JSON

/// `mixmyai limit remove PROVIDER[/CLASS]`.
struct LimitRemoveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Take limits back: a class has its provider's again, a provider the defaults.",
        discussion: """
            mixmyai limit remove anthropic/claude-opus-5-5
            """)

    @OptionGroup(title: "Global options") var global: GlobalOptions
    @Argument(help: ArgumentHelp("A provider, or one of its model classes.", valueName: "provider[/class]"))
    var target: String
    @Option(help: "Why, for the audit log.") var reason = "removed by hand"

    private func parsedTarget() throws -> ProviderTarget { try ProviderTarget(target, part: "CLASS") }

    func validate() throws { _ = try parsedTarget() }

    func run() async throws {
        let (target, action) = (try parsedTarget(), try Operator.action(reason))
        let now = try await FleetDatabase.withPool(global.fleet) { pool in
            try await OperatorStore(pool: pool).removeLimits(
                provider: target.provider, limitClass: target.part ?? LimitSetting.allClasses, action)
        }
        let view = LimitView(now, source: .inForce)
        global.console.emit(view.json) {
            "The limits of \(self.target) are removed. In force for it now:\n"
                + global.console.render(LimitView.table([view]))
        }
    }
}
