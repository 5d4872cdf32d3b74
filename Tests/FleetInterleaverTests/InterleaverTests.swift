import FleetInterleaver
import FleetStore
import PostgresClient
import TestServers
import Testing

/// The stores under the orders of statements that some seeds come to, on a real database. `ops/interleave` runs more.
@Suite(.serialized, .timeLimit(.minutes(5))) struct InterleaverTests {
    /// Seeds that once showed a bug of the product, each with what it was.
    private static let found: [(seed: UInt64, bug: String)] = [
        (572, "a reissue locked steps in the order of its plan, and the claim that lost to it was an error"),
        (611, "taking back a dispatch locked steps in no order, and the deadlock reached the scheduler"),
        (850, "the same between a reissue and a cancellation"),
    ]

    @Test func manySeedsHold() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for half in UInt64(0)...1 {
                group.addTask {
                    try await Self.run { database in
                        for seed in UInt64(1)...60 where seed % 2 == half { try await Self.expectHolds(seed, database) }
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    @Test func seedsThatFoundABugHold() async throws {
        try await Self.run { database in
            for (seed, bug) in Self.found { try await Self.expectHolds(seed, database, bug) }
        }
    }

    @Test func theSameSeedIsTheSameOrder() async throws {
        try await Self.run { database in
            var orders: Set<[String]> = []
            var compared = 0
            for seed in UInt64(1)...3 {
                let first = try await InterleavingRun.run(InterleavingPlan(seed: seed), on: database)
                let second = try await InterleavingRun.run(InterleavingPlan(seed: seed), on: database)
                let turns = min(first.exactTurns, second.exactTurns)
                #expect(Array(first.order.prefix(turns)) == Array(second.order.prefix(turns)))
                #expect(first.statements > 50)
                compared += turns
                orders.insert(first.order)
            }
            #expect(orders.count == 3)
            #expect(compared > 300)
        }
    }

    @Test(arguments: PlantedFault.allCases) func aPlantedFaultIsNoticed(fault: PlantedFault) async throws {
        try await Self.run { database in
            let plans = (1...120).map { InterleavingPlan(seed: $0) }.filter { plan in
                switch fault.needs {
                case .nobody: !plan.hasOperator && !plan.hasWaiters
                case .fleetOperator: plan.hasOperator
                case .waiters: plan.hasWaiters
                }
            }
            for plan in plans.prefix(30) {
                let seed = plan.seed
                let report = try await InterleavingRun.run(plan, on: database, fault: fault)
                guard !report.violations.isEmpty else { continue }
                #expect(
                    report.violations.contains { $0.first.map(fault.invariants.contains) == true },
                    "seed \(seed): \(report.violations)")
                // And nothing is wrong with that seed otherwise.
                try await Self.expectHolds(seed, database)
                return
            }
            Issue.record("30 seeds did not show \(fault.rawValue)")
        }
    }

    private static func expectHolds(_ seed: UInt64, _ database: InterleavingDatabase, _ bug: String = "") async throws {
        let report = try await InterleavingRun.run(InterleavingPlan(seed: seed), on: database)
        #expect(report.violations.isEmpty, "seed \(seed): \(bug) \(report.violations)")
    }

    private static func run(_ body: @escaping @Sendable (InterleavingDatabase) async throws -> Void) async throws {
        try await NewDatabase.run(connections: 1) { url, pool in
            _ = try await Migrator(pool: pool).migrate()
            try await withResource(
                InterleavingDatabase(url: url), close: { await $0.shutdown() }, body: { try await body($0) })
        }
    }
}

extension PlantedFault {
    /// What it breaks; one of them.
    fileprivate var invariants: Set<Character> {
        switch self {
        case .reissuesLockBackwards: ["L"]
        case .wishesDoNotLock: ["E"]
        case .settlementsAreNotFenced, .waitsAreNotTakenBack: ["I"]
        case .turnsPassPauses: ["O"]
        case .purgesWakeNobody: ["I"]
        // The call of an attempt that was taken away is missing in the books.
        case .purgesTakeRunning: ["O", "I"]
        }
    }
}
