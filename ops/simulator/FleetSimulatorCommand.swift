import ArgumentParser
package import FleetSimulation
import Glibc

/// Runs simulations of the fleet, one per seed, and says which invariants did not hold.
@main
struct FleetSimulatorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fleet-simulator",
        abstract: "Runs the fleet's schedulers, workers and limiter over simulated servers, clock and network.")

    @Option(help: "How many seeds to run.") var seeds = 1000
    @Option(help: "The first seed.") var from: UInt64 = 1
    @Option(help: "Run this seed alone, show its plan, and leave out faults until only the needed ones are left.")
    var seed: UInt64?
    @Option(help: "Plant a bug: \(PlantedBug.allCases.map(\.rawValue).joined(separator: ", ")).") var bug: PlantedBug?

    func validate() throws {
        guard seeds > 0 else { throw ValidationError("--seeds wants a number above 0, not \(seeds)") }
    }

    func run() throws {
        Self.fixHashes()
        if let seed {
            try runAlone(seed)
        } else {
            try runAll()
        }
    }

    /// Dictionaries are ordered by hashes that Swift seeds anew in each process: a seed replays only with fixed ones. The
    /// runtime reads the setting at its start, so the program begins again with it.
    private static func fixHashes() {
        guard getenv("SWIFT_DETERMINISTIC_HASHING") == nil else { return }
        setenv("SWIFT_DETERMINISTIC_HASHING", "1", 1)
        var arguments = CommandLine.arguments.map { strdup($0) } + [nil]
        execv("/proc/self/exe", &arguments)
    }

    private var bugs: Set<PlantedBug> { bug.map { [$0] } ?? [] }

    private func runAll() throws {
        var summary = SimulationSummary()
        for seed in from..<from + UInt64(seeds) {
            let report = Simulation.run(SimulationPlan(seed: seed), bugs: bugs)
            summary.add(report)
            for violation in report.violations.prefix(3) { print("seed \(seed): \(violation)") }
            if !report.violations.isEmpty && bug != nil { break }
        }
        print(summary.text)
        if summary.failed > 0 { throw ExitCode.failure }
    }

    /// The seed with its plan; if it fails, with the faults that it takes to fail.
    private func runAlone(_ seed: UInt64) throws {
        let plan = SimulationPlan(seed: seed)
        let report = Simulation.run(plan, bugs: bugs)
        let again = Simulation.run(plan, bugs: bugs)
        for line in plan.lines { print(line) }
        for violation in report.violations { print(violation) }
        print(
            "simulated \(report.simulated): \(report.tasks) tasks, \(report.steps) steps, \(report.calls) calls; "
                + (report.fingerprint == again.fingerprint ? "replays exactly" : "DOES NOT REPLAY"))
        guard !report.violations.isEmpty else { return }
        let least = Simulation.minimise(plan, bugs: bugs)
        print("least plan that fails:")
        for line in least.lines { print(line) }
        for violation in Simulation.run(least, bugs: bugs).violations { print(violation) }
        throw ExitCode.failure
    }
}

extension PlantedBug: ExpressibleByArgument {}
