import ArgumentParser

/// `mixmyai circuit ...`.
struct CircuitCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "circuit",
        abstract: "Which models and providers the workers do not call at present, and why.",
        discussion: """
            A worker stops calling a model that keeps failing or refuses everything, and a provider whose credit is used
            up, whose key is refused or that cannot be reached. It probes every 5 seconds (failing) or 30 seconds (all
            else) and goes on by itself. Steps that only such models could do wait as `circuit_open`; none is lost.
            """,
        subcommands: [CircuitListCommand.self, CircuitResetCommand.self])
}
