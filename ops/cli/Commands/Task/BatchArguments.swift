import ArgumentParser
import FleetCore

/// What a submission says of its batch.
struct BatchArguments: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Put all of them into this batch. Handing the same file in again under the same name adds what is missing.",
            valueName: "name"))
    var batch: String?
    @Option(
        help: ArgumentHelp(
            "When a new batch is paused by itself: \"50% of 20\" if nothing is said, or off; see batch breaker --help.",
            valueName: "rule"))
    var breaker: BreakerRule?
    @Option(
        help: ArgumentHelp(
            "So many tasks of a new batch first; the others follow if these keep within:", valueName: "n"))
    var pilot: Int?
    @Option(help: ArgumentHelp("the mean score, 0 to 10, that is the least,", valueName: "score")) var pilotScore:
        Double?
    @Option(help: ArgumentHelp("the mean cost of a task that is the most,", valueName: "usd")) var pilotCost: String?
    @Option(help: ArgumentHelp("the share of failures, 0 to 1, that is the most.", valueName: "share"))
    var pilotFailures: Double?

    func validate() throws {
        let bounds = pilotScore != nil || pilotCost != nil || pilotFailures != nil
        guard batch != nil || breaker == nil && pilot == nil && !bounds else {
            throw ValidationError("--breaker and --pilot are about a batch: name it with --batch.")
        }
        guard pilot != nil || !bounds else { throw ValidationError("--pilot-... are bounds of a --pilot N.") }
        guard pilot.map({ $0 > 0 }) ?? true, pilotScore.map({ (0...10).contains($0) }) ?? true,
            pilotFailures.map({ (0...1).contains($0) }) ?? true, pilotCost.map({ Decimal6($0) != nil }) ?? true
        else {
            throw ValidationError(
                "--pilot is a number from 1 on, --pilot-score 0 to 10, --pilot-cost an amount such as 0.25, "
                    + "--pilot-failures 0 to 1.")
        }
    }

    /// Parameters of the request.
    var query: [(String, String?)] {
        [
            ("batch", batch), ("breaker", breaker.map { $0.breaker?.description ?? "off" }),
            ("pilot", pilot.map { "\($0)" }), ("pilot_score", pilotScore.map { "\($0)" }), ("pilot_cost", pilotCost),
            ("pilot_failures", pilotFailures.map { "\($0)" }),
        ]
    }
}
