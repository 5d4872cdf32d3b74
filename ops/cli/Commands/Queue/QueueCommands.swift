import ArgumentParser

/// `mixmyai queue ...`.
struct QueueCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "queue", abstract: "What waits per agent type; pause it, go on, purge it.",
        subcommands: [
            QueueListCommand.self, QueuePauseCommand.self, QueueResumeCommand.self, QueuePurgeCommand.self,
        ])
}
