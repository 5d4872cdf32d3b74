import FleetCore
import Hummingbird
import JSON

/// What a submission of many tasks says of its batch, as query parameters: `breaker`, `pilot`, `pilot_score`, `pilot_cost`,
/// `pilot_failures`.
enum BatchParameters {
    private static let names = ["breaker", "pilot", "pilot_score", "pilot_cost", "pilot_failures"]

    /// Nil if nothing is said.
    static func options(_ request: Request, batch: String?) throws -> BatchOptions? {
        var (texts, problems): ([String: String], JSONObject) = ([:], JSONObject())
        for name in names { texts[name] = request.query(name) }
        guard !texts.isEmpty else { return nil }
        func read<Value>(_ name: String, _ rule: String, _ read: (String) -> Value?) -> Value? {
            guard let text = texts[name] else { return nil }
            if let value = read(text) { return value }
            problems[name] = .string("must be \(rule)")
            return nil
        }
        let breaker = read("breaker", "off, or a share and a number of tasks: 50% of 20") { text -> BatchBreaker?? in
            text == "off" ? .some(nil) : BatchBreaker(text).map { .some($0) }
        }
        let size = read("pilot", "a number of tasks from 1 on") {
            Int($0).flatMap { (1...1_000_000).contains($0) ? $0 : nil }
        }
        let score = read("pilot_score", "a score from 0 to 10") {
            Double($0).flatMap { (0...10).contains($0) ? $0 : nil }
        }
        let cost = read("pilot_cost", "an amount in dollars, such as 0.25") { Decimal6($0) }
        let failures = read("pilot_failures", "a share from 0 to 1") {
            Double($0).flatMap { (0...1).contains($0) ? $0 : nil }
        }
        if batch == nil { problems["batch"] = .string("is needed with \(names.joined(separator: ", "))") }
        if texts["pilot"] == nil, names.dropFirst(2).contains(where: { texts[$0] != nil }) {
            problems["pilot"] = "is needed for its bounds"
        }
        guard problems.isEmpty else { throw GatewayError.badRequest("Invalid query", details: .object(problems)) }
        var options = BatchOptions()
        if let breaker { options.breaker = breaker }
        options.pilot = size.map {
            BatchPilot(size: $0, leastScore: score, mostCost: cost, mostFailures: failures)
        }
        return options
    }
}
