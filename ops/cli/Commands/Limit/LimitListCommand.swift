import ArgumentParser
import FleetCore
import FleetStore

/// `mixmyai limit list`.
struct LimitListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "Show the limits in force.")

    @OptionGroup(title: "Global options") var global: GlobalOptions

    /// The providers that have limits without anybody setting any.
    private static let providers = ["anthropic", "openai"]

    func run() async throws {
        let set = try await FleetDatabase.withPool(global.fleet) { pool in
            try await OperatorStore(pool: pool).limits()
        }
        let specified = Self.providers.filter { provider in
            !set.contains { $0.provider == provider && $0.limitClass == LimitSetting.allClasses }
        }.map { provider in
            LimitView(
                LimitSetting(
                    provider: provider, limitClass: LimitSetting.allClasses, limits: .specified(for: provider)),
                source: .default)
        }
        let views = (set.map(LimitView.init(row:)) + specified).sorted { $0.order < $1.order }
        global.console.emit(views.map(\.json)) { global.console.render(LimitView.table(views)) }
    }
}
