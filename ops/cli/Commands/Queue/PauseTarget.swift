import ArgumentParser
import FleetCore

/// What `queue pause` and `queue resume` are about: an agent type, a user, or a batch.
struct PauseTarget: ParsableArguments {
    @Argument(help: ArgumentHelp("An agent type.", valueName: "type")) var type: String?
    @Option(help: ArgumentHelp("A user instead: all work of theirs.", valueName: "id")) var user: String?
    @Option(help: ArgumentHelp("A batch instead, by its name or id.", valueName: "name")) var batch: String?

    func validate() throws {
        guard [type, user, batch].count(where: { $0 != nil }) == 1 else {
            throw ValidationError(
                "Name an agent type, or a user with --user, or a batch with --batch: one of the three.")
        }
    }

    /// - Throws: as `BatchDesk.find`, if there is no such batch, or several users have one.
    func scope(_ desk: some BatchDesk) async throws -> Hold.Scope {
        if let user { return .user(user) }
        guard let batch else { return .agentType(type ?? "") }
        return .batch(try await desk.find(batch, user: nil).id)
    }
}
