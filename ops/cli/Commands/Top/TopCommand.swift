import ArgumentParser
import Catalogues
import FleetCore
import FleetStore

/// `mixmyai top`.
struct TopCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "top", abstract: "Watch the fleet: queues, workers, limits, money, and what needs attention.",
        discussion: """
            tab, arrows, h j k l  go to another pane or line
            p                     pause the selected queue, or let it go on
            d                     drain the selected worker of the private fleet
            enter                 open a group of dead letters, then a letter
            ?                     help
            q                     quit

            Without a terminal, or with -o json, everything is printed once per interval.
            """)

    @OptionGroup(title: "Global options") var global: GlobalOptions
    @Flag(help: "Print everything once.") var once = false
    @Option(help: ArgumentHelp("Seconds between two looks.", valueName: "n")) var interval = 1

    func validate() throws {
        guard (1...3600).contains(interval) else { throw ValidationError("--interval must be 1 to 3600.") }
    }

    func run() async throws {
        let (global, once, interval) = (global, once, Duration.seconds(interval))
        let models = Self.models(global.configuration)
        let isLive =
            !once && global.console.isText && StandardStream.output.isTerminal && StandardStream.isInputTerminal
        // One connection looks, one carries out what keys ask for: neither waits for the other.
        try await FleetDatabase.withPool(global.fleet, patience: .seconds(5), connections: 2) { pool in
            let reader = TopReader(pool, models: models)
            if isLive {
                try await TopView(reader, global, interval: interval).run()
            } else {
                try await TopReport(reader, global.console).run(once: once, interval: interval)
            }
        }
    }

    /// Those of the catalogue, if it is here.
    private static func models(_ environment: [String: String]) -> [ModelSpec] {
        guard
            let files = try? FleetFiles(
                environment: environment, executable: FleetFiles.executable,
                workingDirectory: FleetFiles.workingDirectory),
            let catalogues = try? FleetCatalogues(agents: files.agents, models: files.models)
        else { return [] }
        return catalogues.models.models
    }
}
