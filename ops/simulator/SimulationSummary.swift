import FleetSimulation

/// What a number of simulations came to.
struct SimulationSummary {
    private(set) var failed = 0
    private var runs = 0
    private var tasks = 0
    private var steps = 0
    private var calls = 0
    private var simulated = Duration.zero
    private var longestPause = Duration.zero
    private let start = ContinuousClock.now

    mutating func add(_ report: SimulationReport) {
        runs += 1
        tasks += report.tasks
        steps += report.steps
        calls += report.calls
        simulated += report.simulated
        longestPause = max(longestPause, report.longestPause)
        if !report.violations.isEmpty { failed += 1 }
    }

    var text: String {
        let elapsed = ContinuousClock.now - start
        let speed = Int(simulated / elapsed)
        return "\(runs) seeds, \(failed) with violations; \(tasks) tasks, \(steps) steps, \(calls) calls; "
            + "\(simulated.components.seconds) s simulated in \(elapsed.components.seconds) s, \(speed) times real time; "
            + "longest pause once all was well: \(longestPause.components.seconds) s"
    }
}
