import ArgumentParser

/// `mixmyai limit ...`.
struct LimitCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "limit", abstract: "How much of the AI providers' capacity the fleet uses.",
        subcommands: [LimitListCommand.self, LimitSetCommand.self, LimitRemoveCommand.self])
}
