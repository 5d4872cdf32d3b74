import ScalingSimulation
import Testing

/// The acceptance figures, on the loads and with the constants of docs/autoscaling.md.
struct ScalingSimulationTests {
    private static let costs = ScalingCosts()
    static let loads: [ScalingLoad] = [
        .step(costs), .squareWave(costs), .day(costs), .providerOutage(costs),
    ]

    @Test(arguments: loads) func theCostIsWithinFifteenPercentOfTheOptimum(load: ScalingLoad) throws {
        let comparison = try #require(ScalingComparison(load, Self.costs))
        #expect(comparison.ratio <= 1.15)
        // Otherwise the bound would be none.
        #expect(comparison.ratio >= 1 && comparison.kedaRatio >= 1)
        #expect(comparison.product.cut == 0)
        #expect(comparison.product.mostTurnsInwardInFiveMinutes <= 1)
    }

    @Test(arguments: [30, 60, 120, 310, 450, 600, 900])
    func aSquareWaveMakesOneTurnInFiveMinutesAtMost(half: Int) throws {
        let load = ScalingLoad.squareWave(Self.costs, half: half, waves: 7200 / half / 2)
        let scaler = try #require(ProductScaler(Self.costs))
        let run = ScalingRun(load, Self.costs, scaler)
        #expect(run.mostTurnsInwardInFiveMinutes <= 1)
        // Of either kind, over the whole wave.
        #expect((run.turnsIn.count + run.turnsOut.count) * 300 <= load.seconds)
        #expect(run.cut == 0)
    }

    @Test func theStepIsAnsweredAtOnceAndTheFleetIsSmallAgainAfterwards() throws {
        let load = ScalingLoad.step(Self.costs)
        let run = ScalingRun(load, Self.costs, try #require(ProductScaler(Self.costs)))
        #expect(run.workers[61] == Self.costs.maximum)
        let done = try #require(run.backlog.lastIndex { $0 > 0 })
        #expect(run.workers[done + 150] == Self.costs.minimum)
        #expect(run.workers.last == Self.costs.minimum && run.unfinished == 0)
    }

    /// KEDA sees the depth of the queue: an outage looks like work.
    @Test func anOutageKeepsNoWorkers() throws {
        let load = ScalingLoad.providerOutage(Self.costs)
        let comparison = try #require(ScalingComparison(load, Self.costs))
        let middle = (load.outage.lowerBound + load.outage.upperBound) / 2
        #expect(comparison.product.workers[middle] == Self.costs.minimum)
        #expect(comparison.keda.workers[middle] == Self.costs.maximum)
        #expect(comparison.product.workers[load.outage.upperBound + 2] == Self.costs.maximum)
    }

    @Test func theOptimumOfEvenWorkIsThatWork() {
        var costs = ScalingCosts()
        (costs.slots, costs.service, costs.minimum) = (10, 30, 1)
        // Ten steps in thirty seconds are a worker's: five workers.
        let load = ScalingLoad(name: "even", arrivals: (0..<3000).map { $0 % 3 == 0 ? 5 : 0 })
        let optimum = ClairvoyantOptimum(load, costs)
        #expect(optimum.cost >= 5 * 3000 * 97 / 100 && optimum.cost <= 5 * 3000)
    }

    @Test func aRecordingIsRead() throws {
        let load = try ScalingLoad(name: "r", csv: "second,steps,blocked\n# x\n0,3,0\n5,2,1\n9,1,0\n", tail: 10)
        #expect(load.arrivals.prefix(10) == [3, 0, 0, 0, 0, 2, 0, 0, 0, 1] && load.seconds == 20)
        #expect(load.outage == 5..<9)
        for wrong in ["", "0,1\n0,2\n", "1,x\n", "1,-1\n", "1,1,2\n", "1\n", "0,1,1\n1,1,0\n2,1,1\n3,1,0\n"] {
            #expect(throws: ScalingLoad.RecordingError.self) { try ScalingLoad(name: "r", csv: wrong) }
        }
    }

    @Test func thePictureShowsAllThree() throws {
        let load = ScalingLoad(name: "a<b", arrivals: Array(repeating: 2, count: 100), outage: 10..<20)
        let svg = ScalingPlot(try #require(ScalingComparison(load, Self.costs))).svg
        #expect(svg.hasPrefix("<svg") && svg.hasSuffix("</svg>\n"))
        for text in ["a&lt;b", "steps that wait", "workers", "cost so far", "no provider", "0:00"] {
            #expect(svg.contains(text))
        }
    }
}
