import ArgumentParser
import FleetCore

/// `mixmyai operation pause ID`.
struct OperationPauseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause", abstract: "Begin nothing more of an operation; what it has begun goes on.")

    @OptionGroup(title: "Global options") var global: GlobalOptions
    @OptionGroup var change: OperationChange
    @Option(help: "Why, for the audit log.") var reason = "paused by hand"

    func run() async throws { try await change.make(.paused, reason, global) }
}
