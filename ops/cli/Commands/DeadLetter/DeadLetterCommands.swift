import ArgumentParser

/// `mixmyai dlq ...`.
struct DeadLetterCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dlq", abstract: "Work that was given up: look at it, try it again, close it.",
        subcommands: [
            DeadLetterListCommand.self, DeadLetterShowCommand.self, DeadLetterReplayCommand.self,
            DeadLetterEditCommand.self, DeadLetterDiscardCommand.self,
        ])
}
