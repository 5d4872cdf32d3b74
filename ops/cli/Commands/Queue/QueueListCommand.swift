import ArgumentParser
import FleetCore
import FleetStore
import PostgresClient

/// `mixmyai queue list [--watch]`.
struct QueueListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Show the queues, a line per agent type.",
        discussion: """
            ready       may go out: the workers' places decide when
            dispatched  its ticket is at the broker
            running     a worker is at it
            parked      waits for a time, a limit, a circuit or a pause; -o json says how many for which
            oldest      since when the oldest that could go on waits
            dead        dead letters that nobody has dealt with: mixmyai dlq list

            Steps and ages are the rows'; consumers and rates are the broker's, `?` if it does not say.
            """)

    @OptionGroup(title: "Global options") var global: GlobalOptions
    @Flag(help: "Show them again every second, until interrupted.") var watch = false

    func run() async throws {
        let (watch, global) = (watch, global)
        try await FleetDatabase.withPool(global.fleet) { pool in
            let (queues, control) = (PostgresQueueReader(pool: pool), PostgresQueueControl(pool: pool))
            repeat {
                let start = ContinuousClock.now
                try await show(queues, control, again: watch)
                if watch { try await Task.sleep(until: start + .seconds(1), clock: .continuous) }
            } while watch
        }
    }

    private func show(_ reader: some QueueReader, _ control: some QueueControl, again: Bool) async throws {
        let fleet = global.fleet
        async let asked = Answer { try await BrokerQueues.ask(fleet) }
        let overviews = try await reader.queues()
        let holds = try await control.holds()
        let broker = await asked
        let rows = overviews.map { QueueRow($0, broker.value) }
        let others = holds.filter { if case .agentType = $0.scope { false } else { true } }
        global.console.emit(rows.map(\.json)) {
            var text = again && StandardStream.output.isTerminal ? "\u{1B}[H\u{1B}[J" : ""
            text += rows.isEmpty ? "No agent types are known yet." : global.console.render(QueueRow.table(rows))
            if !others.isEmpty { text += "\n\nPaused besides:\n" + others.map(HoldView.line).joined(separator: "\n") }
            return text
        }
        if let problem = broker.problem, !again {
            global.console.note("warning: consumers and rates are not known: \(problem)")
        }
    }
}
