import ArgumentParser
import FleetCore

/// `mixmyai operation resume ID`.
struct OperationResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume", abstract: "Go on with a paused operation.")

    @OptionGroup(title: "Global options") var global: GlobalOptions
    @OptionGroup var change: OperationChange
    @Option(help: "Why, for the audit log.") var reason = "resumed by hand"

    func run() async throws { try await change.make(.running, reason, global) }
}
