import ArgumentParser
import FleetCore
import FleetStore
import PostgresClient

/// `mixmyai why STEP|TASK|BATCH`.
struct WhyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "why", abstract: "Say what a step, a task or a batch waits for, and what would start it.")

    @OptionGroup(title: "Global options") var global: GlobalOptions
    @Argument(help: ArgumentHelp("A step's number, a task's id, a batch's name or id.", valueName: "step|task|batch"))
    var subject: String

    func run() async throws {
        let subject = subject
        let answers = try await FleetDatabase.withPool(global.fleet) { pool in
            try await WhyAnswers(subject, PostgresWaitReader(pool: pool))
        }
        global.console.emit(answers.json) { answers.text(global.console.style) }
    }
}
