import ArgumentParser

/// `mixmyai batch ...`.
struct BatchCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "batch", abstract: "Named backlogs: how far they are, what they cost, their results.",
        subcommands: [
            BatchListCommand.self, BatchShowCommand.self, BatchPauseCommand.self, BatchResumeCommand.self,
            BatchCancelCommand.self, BatchRetryCommand.self, BatchExportCommand.self,
            BatchBreakerCommand.self,
        ])
}
