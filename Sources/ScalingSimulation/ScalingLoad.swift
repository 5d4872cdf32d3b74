import FleetTesting

/// Steps as they arrive, a number per second.
package struct ScalingLoad: Sendable, Equatable {
    package let name: String
    package let arrivals: [Int]
    /// Seconds in which no provider answers: what waits is blocked.
    package let outage: Range<Int>

    /// - Parameter arrivals: its length is the length of the run.
    package init(name: String, arrivals: [Int], outage: Range<Int> = 0..<0) {
        self.name = name
        self.arrivals = arrivals
        self.outage = outage
    }

    package var seconds: Int { arrivals.count }

    package func isBlocked(at second: Int) -> Bool { outage.contains(second) }

    /// From no work to 5,000 steps within ten seconds, and nothing after.
    package static func step(_ costs: ScalingCosts) -> ScalingLoad {
        var arrivals = Array(repeating: 0, count: 3600)
        for second in 60..<70 { arrivals[second] = 500 }
        return ScalingLoad(name: "step", arrivals: arrivals)
    }

    /// Work for twelve workers for a quarter of an hour, none for the next, four times.
    package static func squareWave(_ costs: ScalingCosts, half: Int = 900, waves: Int = 4) -> ScalingLoad {
        let arrivals = even(seconds: 2 * half * waves) { ($0 / half) % 2 == 0 ? 12 * costs.rate : 0 }
        return ScalingLoad(name: "square-wave", arrivals: arrivals)
    }

    /// A day: from work for one worker at night to work for seventeen at its height, with the randomness of independent
    /// arrivals.
    package static func day(_ costs: ScalingCosts, seed: UInt64 = 1) -> ScalingLoad {
        let arrivals = random(seconds: 86_400, seed: seed) { second in
            let fraction = Double(second) / 86_400
            return costs.rate * (1 + 16 * bell(fraction))
        }
        return ScalingLoad(name: "day", arrivals: arrivals)
    }

    /// Even work for eight workers, and twenty minutes in which no provider answers.
    package static func providerOutage(_ costs: ScalingCosts, seed: UInt64 = 1) -> ScalingLoad {
        ScalingLoad(
            name: "provider-outage", arrivals: random(seconds: 10_800, seed: seed) { _ in 8 * costs.rate },
            outage: 3600..<4800)
    }

    /// 0 at midnight, 1 at noon, smooth: (1 - cos) / 2 without trigonometry, as a polynomial with the same ends.
    private static func bell(_ fraction: Double) -> Double {
        let half = fraction < 0.5 ? 2 * fraction : 2 - 2 * fraction
        return half * half * (3 - 2 * half)
    }

    private static func even(seconds: Int, _ rate: (Int) -> Double) -> [Int] {
        var owed = 0.0
        return (0..<seconds).map { second in
            owed += rate(second)
            let count = Int(owed)
            owed -= Double(count)
            return count
        }
    }

    /// Independent arrivals: as many as many rare chances give.
    private static func random(seconds: Int, seed: UInt64, _ rate: (Int) -> Double) -> [Int] {
        var generator = SeededGenerator(seed: seed)
        let chances = 64
        return (0..<seconds).map { second in
            let chance = rate(second) / Double(chances)
            return (0..<chances).count { _ in Double.random(in: 0..<1, using: &generator) < chance }
        }
    }
}
