import ArgumentParser
import FleetInterleaver
import FleetStore
import Glibc
import TestServers

/// Runs the stores on a real database with the statements of several sessions interleaved, one order per seed.
@main
struct FleetInterleaverCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fleet-interleaver",
        abstract: "Runs the fleet's stores on PostgreSQL, one order of their statements per seed.",
        discussion: "The server is the one of TEST_DATABASE_URL; a database is made there and dropped at the end.")

    @Option(help: "How many seeds to run.") var seeds = 1000
    @Option(help: "The first seed.") var from: UInt64 = 1
    @Option(help: "Run this seed alone and show its statements.") var seed: UInt64?
    @Option(help: "Plant a fault: \(PlantedFault.allCases.map(\.rawValue).joined(separator: ", ")).")
    var fault: PlantedFault?

    func validate() throws {
        guard seeds > 0 else { throw ValidationError("--seeds wants a number above 0, not \(seeds)") }
    }

    func run() async throws {
        let isWell = try await NewDatabase.run(connections: 1) { url, pool in
            _ = try await Migrator(pool: pool).migrate()
            return try await withResource(
                InterleavingDatabase(url: url), close: { await $0.shutdown() },
                body: { database in
                    guard let seed else { return try await runAll(database) }
                    return try await runAlone(seed, database)
                })
        }
        if !isWell { throw ExitCode.failure }
    }

    private func runAll(_ database: InterleavingDatabase) async throws -> Bool {
        var summary = InterleavingSummary()
        for seed in from..<from + UInt64(seeds) {
            let report = try await InterleavingRun.run(InterleavingPlan(seed: seed), on: database, fault: fault)
            summary.add(report)
            for violation in report.violations.prefix(3) { print("seed \(seed): \(violation)") }
            for deadlock in report.deadlocks.prefix(3) { print("seed \(seed): deadlock: \(deadlock)") }
            fflush(nil)
            if !report.violations.isEmpty && fault != nil { break }
        }
        print(summary.text)
        return summary.failed == 0
    }

    /// The seed with its plan and its statements; if it fails, with as few operations as it takes to fail.
    private func runAlone(_ seed: UInt64, _ database: InterleavingDatabase) async throws -> Bool {
        let plan = InterleavingPlan(seed: seed)
        let report = try await InterleavingRun.run(plan, on: database, fault: fault)
        let again = try await InterleavingRun.run(plan, on: database, fault: fault)
        for entry in report.trace { print(entry.line) }
        for violation in report.violations { print(violation) }
        for deadlock in report.deadlocks { print("deadlock: \(deadlock)") }
        print(
            "\(report.statements) statements, \(report.steps) steps, \(report.claims) claims; "
                + (report.order == again.order && report.violations == again.violations
                    ? "replays exactly" : "DOES NOT REPLAY"))
        guard let violation = report.violations.first else { return true }
        let invariant = String(violation.prefix { $0 != ":" })
        let least = try await InterleavingRun.minimise(plan, breaking: invariant, on: database, fault: fault)
        print("the least that fails:")
        for entry in least.trace { print(entry.line) }
        for violation in least.violations { print(violation) }
        return false
    }
}

extension PlantedFault: ExpressibleByArgument {}
