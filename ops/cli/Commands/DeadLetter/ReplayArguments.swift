import ArgumentParser
import FleetCore

/// How letters are tried again.
struct ReplayArguments: ParsableArguments {
    @Option(help: ArgumentHelp("Ask this model first: a name of the model catalogue.", valueName: "m")) var model:
        String?
    @Option(help: ArgumentHelp("Begin at most so many in a minute.", valueName: "n")) var rate: Int?
    @Flag(help: "Begin with one, and go on only if it succeeds.") var canary = false
    @Flag(help: "Return when they have begun, instead of following them.") var detach = false
    @Option(help: "Why, for the audit log.") var reason = "replayed by hand"

    func validate() throws {
        guard rate.map({ (1...1_000_000).contains($0) }) ?? true else {
            throw ValidationError("--rate must be 1 to 1000000 letters a minute.")
        }
        guard model.map({ (1...100).contains($0.count) }) ?? true else {
            throw ValidationError("--model must be a model's name.")
        }
    }

    var options: ReplayOptions { ReplayOptions(model: model, ratePerMinute: rate, hasCanary: canary) }
    var action: OperatorAction { get throws(CommandError) { try Operator.action(reason) } }
}
