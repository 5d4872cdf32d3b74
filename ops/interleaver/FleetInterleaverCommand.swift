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
        discussion: "The server is the one of TEST_DATABASE_URL; databases are made there and dropped at the end.")

    @Option(help: "How many seeds to run.") var seeds = 1000
    @Option(help: "The first seed.") var from: UInt64 = 1
    @Option(help: "Seeds side by side, each on a database of its own.") var jobs = 1
    @Option(help: "Run this seed alone, show its statements, and reduce it to the operations it takes to fail.")
    var seed: UInt64?
    @Option(help: "Plant a fault: \(PlantedFault.allCases.map(\.rawValue).joined(separator: ", ")).")
    var fault: PlantedFault?

    func validate() throws {
        guard seeds > 0 else { throw ValidationError("--seeds wants a number above 0, not \(seeds)") }
        guard jobs > 0 else { throw ValidationError("--jobs wants a number above 0, not \(jobs)") }
    }

    func run() async throws {
        let isWell =
            if let seed { try await Self.withDatabase { try await runAlone(seed, $0) } } else { try await runAll() }
        if !isWell { throw ExitCode.failure }
    }

    private static func withDatabase<Value: Sendable>(
        _ body: @Sendable (InterleavingDatabase) async throws -> Value
    ) async throws -> Value {
        try await NewDatabase.run(connections: 1) { url, pool in
            _ = try await Migrator(pool: pool).migrate()
            return try await withResource(
                InterleavingDatabase(url: url), close: { await $0.shutdown() }, body: { try await body($0) })
        }
    }

    private func runAll() async throws -> Bool {
        let progress = InterleavingProgress(seeds: from..<from + UInt64(seeds), isOver: fault != nil)
        let fault = fault
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<min(jobs, seeds) {
                group.addTask {
                    try await Self.withDatabase { database in
                        while let seed = progress.next() {
                            progress.add(
                                try await InterleavingRun.run(InterleavingPlan(seed: seed), on: database, fault: fault))
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        print(progress.summary)
        return progress.isWell
    }

    /// The seed with its statements; if it fails, with as few operations as it takes to fail.
    private func runAlone(_ seed: UInt64, _ database: InterleavingDatabase) async throws -> Bool {
        let plan = InterleavingPlan(seed: seed)
        let report = try await InterleavingRun.run(plan, on: database, fault: fault)
        let again = try await InterleavingRun.run(plan, on: database, fault: fault)
        for entry in report.trace { print(entry.line) }
        for violation in report.violations { print(violation) }
        let exact = min(report.exactTurns, again.exactTurns)
        let isSame = report.order == again.order && report.violations == again.violations
        let replays = isSame || Array(report.order.prefix(exact)) == Array(again.order.prefix(exact))
        print(
            "\(report.statements) statements, \(report.steps) steps, \(report.claims) claims; "
                + (isSame ? "replays exactly" : replays ? "replays for \(exact) turns" : "DOES NOT REPLAY"))
        if let (first, second) = zip(report.order, again.order).first(where: { $0 != $1 }) {
            print(
                "the second time '\(second)' came instead of '\(first)'"
                    + (replays ? ": a commit had let several go at once" : ""))
        }
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
