import ArgumentParser

/// `mixmyai worker ...`.
struct WorkerCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "worker", abstract: "The processes that do the work.",
        subcommands: [WorkerListCommand.self, WorkerDrainCommand.self, WorkerScaleCommand.self])
}
