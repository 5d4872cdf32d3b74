import ArgumentParser
import FleetCore
import FleetStore

/// `mixmyai audit`.
struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "Show who did what to the fleet, and why, the latest first.",
        discussion: """
            mixmyai audit --actor anna
            mixmyai audit --object batch/batch_abc
            mixmyai audit --action limit -n 100
            """)

    @OptionGroup(title: "Global options") var global: GlobalOptions
    @Option(help: "Of this person only.") var actor: String?
    @Option(help: ArgumentHelp("Of this action, limit.set for example, or its first part.", valueName: "verb"))
    var action: String?
    @Option(help: ArgumentHelp("Of this object, queue/writer for example, or its first part.", valueName: "object"))
    var object: String?
    @Option(help: ArgumentHelp("Only entries before this number: the next page.", valueName: "id")) var before: Int?
    @Option(name: [.customShort("n"), .long], help: ArgumentHelp("How many at most.", valueName: "n")) var limit = 50

    func validate() throws {
        guard (1...10_000).contains(limit) else { throw ValidationError("--limit must be 1 to 10000.") }
    }

    func run() async throws {
        let (filter, limit) = (AuditFilter(actor: actor, action: action, object: object, before: before), limit)
        let entries = try await FleetDatabase.withPool(global.fleet) {
            try await OperatorStore(pool: $0).audit(filter, limit: limit)
        }
        global.console.emit(entries.map(AuditView.json)) {
            entries.isEmpty ? "No entry matches." : global.console.render(AuditView.table(entries))
        }
    }
}
