import ArgumentParser

/// `mixmyai operation ...`.
struct OperationCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "operation", abstract: "Long work of operators: replays of dead letters, retries of batches.",
        subcommands: [
            OperationListCommand.self, OperationShowCommand.self, OperationPauseCommand.self,
            OperationResumeCommand.self, OperationCancelCommand.self,
        ])
}
