import ArgumentParser
import FleetCore
import FleetStore
import PostgresClient

/// `mixmyai batch show NAME [--watch]`.
struct BatchShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show how far a batch is, what keeps it, what it costs and why tasks failed.",
        discussion: """
            per minute  tasks that ended of late: of the last thousand of the last hour
            left        the time until the last one ends, in the middle and at most in nine of ten cases, as far as what
                        was measured goes on; - if too little was seen, or a pause keeps it
            binds       what keeps it from being done sooner; mixmyai why NAME says more
            cost        proved, expected with what is only estimated, and at most
            """)

    @OptionGroup(title: "Global options") var global: GlobalOptions
    @OptionGroup var target: BatchTarget
    @Flag(help: "Show it again every second, until interrupted.") var watch = false

    func run() async throws {
        let (target, watch, global) = (target, watch, global)
        try await FleetDatabase.withPool(global.fleet) { pool in
            let desk = PostgresBatchDesk(pool: pool)
            let batch = try await target.find(desk)
            try await Repeating(isWatching: watch).run { start in
                guard let overview = try await desk.overview(batch.id) else {
                    throw CommandError(.notFound, "the batch '\(batch.name)' is gone")
                }
                global.console.emit(BatchView.json(overview, inFull: true)) {
                    start + BatchView.text(overview, global.console)
                }
            }
        }
    }
}
