import ArgumentParser
import FleetCore

/// Which open dead letters a command is about: some by number, those with a fingerprint, or all.
struct DeadLetterSelection: ParsableArguments {
    @Argument(help: ArgumentHelp("Numbers of dead letters.", valueName: "id")) var ids: [Int] = []
    @Option(help: ArgumentHelp("All that died of the same thing: mixmyai dlq list shows it.", valueName: "f"))
    var fingerprint: String?
    @Flag(help: "All that are open.") var all = false

    func validate() throws {
        guard [!ids.isEmpty, fingerprint != nil, all].count(where: { $0 }) == 1 else {
            throw ValidationError("Name dead letters by number, or --fingerprint F, or --all: one of the three.")
        }
    }

    var filter: DeadLetterFilter {
        if let fingerprint { .fingerprint(fingerprint) } else if all { .all } else { .ids(ids) }
    }
}
