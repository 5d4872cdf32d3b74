import ArgumentParser
import FleetCore

/// What `queue pause` and `queue resume` are about: an agent type, or a user.
struct PauseTarget: ParsableArguments {
    @Argument(help: ArgumentHelp("An agent type.", valueName: "type")) var type: String?
    @Option(help: ArgumentHelp("A user instead: all work of theirs.", valueName: "id")) var user: String?

    func validate() throws {
        guard (type == nil) != (user == nil) else {
            throw ValidationError("Name an agent type, or a user with --user. Batches: mixmyai batch pause NAME.")
        }
    }

    var scope: Hold.Scope {
        if let user { .user(user) } else { .agentType(type ?? "") }
    }
}
