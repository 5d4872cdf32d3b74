import ArgumentParser
import FleetCore

/// The batch that a command is about.
struct BatchTarget: ParsableArguments {
    @Argument(help: "Its name or id.") var batch: String
    @Option(help: ArgumentHelp("Whose, if several users have one of the name.", valueName: "id")) var user: String?

    func find(_ desk: some BatchDesk) async throws -> BatchReference { try await desk.find(batch, user: user) }
}
