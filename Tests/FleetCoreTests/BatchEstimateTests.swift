import FleetCore
import FleetTesting
import Testing

/// How long a batch still takes, and when it is stopped: both pure.
@Suite struct BatchEstimateTests {
    private func pace(_ ends: Int, _ seconds: Double) throws -> BatchPace {
        try #require(BatchPace(looked: ends + 1, seconds: seconds))
    }

    @Test func nothingIsSaidThatIsNotKnown() throws {
        #expect(BatchEstimate(missing: 10, pace: nil, isPaused: false) == nil)
        #expect(BatchEstimate(missing: 10, pace: try pace(2, 60), isPaused: false) == nil)
        #expect(BatchEstimate(missing: 10, pace: try pace(100, 60), isPaused: true) == nil)
        #expect(BatchEstimate(missing: 0, pace: try pace(100, 60), isPaused: false) == nil)
        #expect(BatchPace(looked: 1, seconds: 60) == nil && BatchPace(looked: 5, seconds: 0) == nil)
    }

    @Test func muchThatWasSeenMakesItNarrow() throws {
        // Ten a second, ten thousand missing: 1,000 s.
        let wide = try #require(BatchEstimate(missing: 10_000, pace: try pace(5, 0.5), isPaused: false))
        let narrow = try #require(BatchEstimate(missing: 10_000, pace: try pace(999, 99.9), isPaused: false))
        #expect(abs(narrow.p50 - 1000) < 10 && narrow.p90 > narrow.p50 && narrow.p90 < 1060)
        #expect(wide.p90 > 1.8 * wide.p50)
        #expect(try pace(999, 99.9).perMinute == 600)
    }

    /// Poisson streams of rates that are not known: what was promised for half and for nine of ten holds so often.
    @Test(arguments: [(3, 5), (10, 100), (50, 3), (200, 1000)])
    func theSharesThatArePromisedHold(seen: Int, missing: Int) throws {
        var generator = SeededGenerator(seed: UInt64(seen * 10_000 + missing))
        func wait(_ events: Int) -> Double {
            var time = 0.0
            for _ in 0..<events {
                var draw = 0.0
                repeat { draw = Double.random(in: 0..<1, using: &generator) } while draw == 0
                time -= Self.logarithm(draw)
            }
            return time
        }
        let trials = 2000
        var (half, most) = (0, 0)
        for _ in 0..<trials {
            let estimate = try #require(
                BatchEstimate(missing: missing, pace: try pace(seen, wait(seen)), isPaused: false))
            let took = wait(missing)
            if took <= estimate.p50 { half += 1 }
            if took <= estimate.p90 { most += 1 }
        }
        #expect(abs(Double(half) / Double(trials) - 0.5) < 0.05, "\(half)")
        #expect(abs(Double(most) / Double(trials) - 0.9) < 0.03, "\(most)")
    }

    /// Natural, by halving into (0.5, 1] and a series.
    private static func logarithm(_ value: Double) -> Double {
        let y = (value.significand - 1) / (value.significand + 1)
        var (sum, power) = (0.0, y)
        for term in stride(from: 1.0, through: 41, by: 2) {
            sum += power / term
            power *= y * y
        }
        return 2 * sum + Double(value.exponent) * 0.693_147_180_559_945_3
    }

    @Test func aFaultThatDominatesStopsTheBatch() {
        let breaker = BatchBreaker()
        func reason(_ ended: Int, _ failed: Int, _ atWork: Int, _ top: Int?) -> String? {
            breaker.reason(.init(ended: ended, failed: failed, atWork: atWork, top: top.map { ("5f0c9e2ab411", $0) }))
        }
        #expect(reason(20, 20, 0, 20)?.contains("20 of 20") == true)
        #expect(reason(20, 20, 0, 20)?.contains("fingerprint 5f0c9e2ab411") == true)
        #expect(reason(19, 19, 0, 19) == nil, "too few have ended")
        #expect(reason(100, 14, 0, 14) == nil, "too few have failed")
        #expect(reason(100, 15, 0, 15) != nil)
        #expect(reason(100, 20, 0, 9) == nil, "of many things")
        #expect(reason(100, 20, 0, 10) != nil)
        #expect(reason(20, 20, 0, nil) == nil)
        // One in ten is bad and fails at once, while the good ones take their time.
        #expect(reason(25, 25, 225, 25) == nil)
        #expect(BatchBreaker("50% of 20") == breaker && breaker.description == "50% of 20")
        #expect(BatchBreaker("12.5% of 3")?.description == "12.5% of 3")
        for bad in ["", "50", "0% of 20", "101% of 20", "50% of 0", "50% of x", "50 of 20"] {
            #expect(BatchBreaker(bad) == nil, "\(bad)")
        }
    }

    @Test func aPilotOutsideItsBoundsSaysWhichAndWhat() {
        let pilot = BatchPilot(size: 10, leastScore: 7.5, mostCost: Decimal6("0.10"), mostFailures: 0.1)
        let good = BatchPilot.Findings(tasks: 10, failed: 1, meanScore: 7.5, cost: Decimal6(millionths: 1_000_000))
        #expect(pilot.reason(good) == nil)
        var bad = good
        bad.failed = 2
        #expect(pilot.reason(bad)?.contains("2 of 10") == true)
        bad = good
        bad.cost = Decimal6(millionths: 1_000_010)
        #expect(pilot.reason(bad)?.contains("0.100001 USD") == true)
        bad = good
        bad.meanScore = 7.449
        #expect(pilot.reason(bad)?.contains("7.45") == true)
        bad.meanScore = nil
        #expect(pilot.reason(bad)?.contains("no score") == true, "what is not known is not within bounds")
        #expect(pilot.reason(.init(tasks: 0, failed: 0, meanScore: nil, cost: .zero)) != nil)
        #expect(BatchPilot(size: 1).reason(.init(tasks: 1, failed: 1, meanScore: nil, cost: .zero)) == nil)
    }
}
