import FleetSimulation
import Testing

/// The whole fleet in virtual time: whatever goes wrong, the invariants hold, and if they did not, it would be noticed.
@Suite(.serialized) struct SimulationTests {
    /// Seeds that once showed a bug of the product, each with what it was.
    private static let found: [(seed: UInt64, bug: String)] = [
        (267, "steps of a claim whose answer was lost stayed with a worker that did not run them"),
        (277, "the same, with nothing else going wrong"),
        (113, "a worker that began while the broker was away did not consume"),
        (192, "the same, after a kill"),
        (392, "a second ticket of a contested step was never acknowledged"),
        (459, "the same, with a slow broker"),
        (312, "calls of a killed worker were forgotten when Redis lost its memory"),
        (318, "calls that were over but not in the ledger yet were forgotten then"),
        (560, "the same"),
        (3607, "the first answers were short, and later ones were guessed as short: tokens went beyond the limit"),
        (5019, "a call that was over but not in the ledger was forgotten with its worker when Redis lost its memory"),
        (
            22411,
            "a step of a claim without an answer was not given back, because its last attempt was still being written"
        ),
        (76934, "a grant from just before a freeze of 0.8 s was used after it, in a minute that did not count it"),
        (7430, "so was a call of a worker that died before it could count it again"),
        (14344, "and of one that had died just before"),
    ]

    @Test(arguments: found) func aSeedThatFoundABugHolds(seed: UInt64, bug: String) {
        // With one model, as there was when they were found.
        let report = Simulation.run(SimulationPlan(seed: seed, hasSeveralModels: false))
        #expect(report.violations.isEmpty, "\(bug): \(report.violations)")
    }

    @Test func manySeedsHold() {
        for seed in UInt64(1)...40 {
            let report = Simulation.run(SimulationPlan(seed: seed))
            #expect(report.violations.isEmpty, "seed \(seed): \(report.violations)")
            #expect(report.steps > 0)
        }
    }

    @Test func theSamePlanIsTheSameRun() {
        for seed in UInt64(1)...5 {
            let (first, second) = (
                Simulation.run(SimulationPlan(seed: seed)), Simulation.run(SimulationPlan(seed: seed))
            )
            #expect(first.fingerprint == second.fingerprint)
            #expect(first.fingerprint != Simulation.run(SimulationPlan(seed: seed + 100)).fingerprint)
        }
    }

    @Test(arguments: PlantedBug.allCases) func aPlantedBugIsNoticed(bug: PlantedBug) throws {
        let caught = (UInt64(1)...200).lazy.map { seed in
            Simulation.run(SimulationPlan(seed: seed), bugs: [bug])
        }.first { !$0.violations.isEmpty }
        let report = try #require(caught, "200 seeds did not show \(bug.rawValue)")
        #expect(report.violations.contains { $0.invariant == bug.invariant }, "\(report.violations)")
        // And nothing else was wrong with that seed.
        #expect(Simulation.run(SimulationPlan(seed: report.seed)).violations.isEmpty)
    }

    @Test func aFailingPlanIsReducedToWhatItTakes() throws {
        let bug: Set<PlantedBug> = [.ticketsNeverSwept]
        let plan = try #require(
            (UInt64(1)...60).lazy.map { SimulationPlan(seed: $0) }.first {
                !Simulation.run($0, bugs: bug).violations.isEmpty
            })
        let least = Simulation.minimise(plan, bugs: bug)
        #expect(!Simulation.run(least, bugs: bug).violations.isEmpty)
        for index in 0..<least.faultCount {
            let fewer = least.keeping(faults: (0..<least.faultCount).filter { $0 != index })
            #expect(Simulation.run(fewer, bugs: bug).violations.isEmpty)
        }
    }
}

extension PlantedBug {
    /// The invariant that the bug breaks.
    fileprivate var invariant: String {
        switch self {
        case .acknowledgeBeforeCommit: "T"
        case .missingFence: "I3"
        case .ticketsNeverSwept: "I1"
        case .childBeforeParents: "I4"
        case .endOfStreamIsSuccess: "I10"
        case .limiterChecksThenActs: "I5"
        case .eventGap: "I9"
        case .cutCallCostsNothing: "B"
        case .cancelTakesAnswer: "A"
        case .outageIsNotNoticed, .answerIsAskedForAgain, .stepIsMadeTwice, .latenessIsNotForgiven,
            .failuresAreNotCounted,
            .quotaCostsAttempts:
            "I6"
        case .firstModelSetsThePrice, .waitIsNotTakenBack: "B"
        case .reportedLimitsAreIgnored, .concurrencyIsForgotten: "I5"
        case .parkedStepsSleepLong: "L"
        }
    }
}
