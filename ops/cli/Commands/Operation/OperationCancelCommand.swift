import ArgumentParser
import FleetCore

/// `mixmyai operation cancel ID`.
struct OperationCancelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel", abstract: "End an operation; what it has begun goes on, the rest stays open.")

    @OptionGroup(title: "Global options") var global: GlobalOptions
    @OptionGroup var change: OperationChange
    @Option(help: "Why, for the audit log.") var reason = "cancelled by hand"

    func run() async throws { try await change.make(.cancelled, reason, global) }
}
