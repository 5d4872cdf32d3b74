import FleetInterleaver

/// What a number of runs came to.
struct InterleavingSummary {
    private(set) var failed = 0
    private var runs = 0
    private var statements = 0
    private var steps = 0
    private var claims = 0
    private var deadlocks = 0
    private let start = ContinuousClock.now

    mutating func add(_ report: InterleavingReport) {
        runs += 1
        statements += report.statements
        steps += report.steps
        claims += report.claims
        deadlocks += report.deadlocks.count
        if !report.violations.isEmpty { failed += 1 }
    }

    var text: String {
        let elapsed = ContinuousClock.now - start
        return
            "\(runs) seeds, \(failed) with violations, \(deadlocks) deadlocks; \(statements) statements, \(steps) steps, "
            + "\(claims) claims in \(elapsed.components.seconds) s"
    }
}
