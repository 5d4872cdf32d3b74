import Autoscaling
import FleetTesting
import Testing

struct ScaleGovernorTests {
    /// Hands in one second after another, carries out what is decided.
    private struct Fleet {
        var governor = ScaleGovernor()
        var workers = 2
        var second = 0
        /// The second and the number of workers after each move.
        var moves: [(second: Int, workers: Int)] = []

        mutating func run(_ seconds: Int, wanted: Int, occupied: Double = 0) {
            for _ in 0..<seconds {
                switch governor.decide(wanted: wanted, current: workers, occupied: occupied, at: .seconds(second)) {
                case .out(let count), .drain(let count):
                    workers = count
                    moves.append((second, count))
                case .stay: break
                }
                second += 1
            }
        }

        /// Seconds in which it turned from out to in.
        var turnsIn: [Int] {
            zip([(second: 0, workers: 2)] + moves, moves).reduce(into: (wasOut: false, turns: [Int]())) { state, pair in
                let isOut = pair.1.workers > pair.0.workers
                if state.wasOut && !isOut { state.turns.append(pair.1.second) }
                state.wasOut = isOut
            }.turns
        }
    }

    @Test func outAtOnceAndTheWholeWay() {
        var fleet = Fleet()
        fleet.run(1, wanted: 20)
        fleet.run(1, wanted: 20)
        #expect(fleet.moves.map(\.workers) == [20] && fleet.moves[0].second == 0)
    }

    @Test func inOnlyAfterHalfAMinuteAndInSteps() {
        var fleet = Fleet(workers: 20)
        fleet.run(200, wanted: 2)
        #expect(fleet.moves.map(\.workers) == [11, 7, 5, 4, 3, 2])
        #expect(fleet.moves.map(\.second) == [30, 40, 50, 60, 70, 80])
    }

    @Test func aMomentOfWorkBeginsTheHalfMinuteAgain() {
        var fleet = Fleet(workers: 20)
        fleet.run(29, wanted: 2)
        fleet.run(1, wanted: 20)
        fleet.run(30, wanted: 2)
        #expect(fleet.moves.isEmpty)
        fleet.run(1, wanted: 2)
        #expect(fleet.moves.map(\.workers) == [11])
    }

    @Test func asManyStayAsTheRunningStepsFill() {
        var fleet = Fleet(workers: 20)
        fleet.run(600, wanted: 2, occupied: 8.1)
        #expect(fleet.workers == 9)
        fleet.run(600, wanted: 2, occupied: 30)
        #expect(fleet.workers == 9)
    }

    /// A lull of even work costs no worker; the end of it does.
    @Test func evenWorkKeepsItsWorkers() {
        var fleet = Fleet(workers: 10)
        fleet.run(900, wanted: 2, occupied: 7.8)
        #expect(fleet.workers == 8)
        fleet.run(45, wanted: 2, occupied: 6.9)
        #expect(fleet.workers == 8)
        fleet.run(120, wanted: 2, occupied: 1)
        #expect(fleet.workers == 2)
    }

    /// Whether or not a fleet learns to wait longer.
    @Test(arguments: [ScaleGovernor.Pace(), ScaleGovernor.Pace(longestCalm: .seconds(30))])
    func noSecondTurnFromOutToInWithinFiveMinutes(pace: ScaleGovernor.Pace) {
        var fleet = Fleet(governor: ScaleGovernor(pace: pace))
        for _ in 0..<20 {
            fleet.run(40, wanted: 20)
            fleet.run(100, wanted: 2)
        }
        #expect(fleet.turnsIn.count >= 1)
        for (one, next) in zip(fleet.turnsIn, fleet.turnsIn.dropFirst()) { #expect(next - one >= 300) }
    }

    /// The step in was wrong: the next one waits until the wave is over.
    @Test func aShortWaveIsChasedOnce() {
        var fleet = Fleet()
        for _ in 0..<30 {
            fleet.run(60, wanted: 20)
            fleet.run(60, wanted: 2)
        }
        #expect(fleet.turnsIn == [90])
        #expect(fleet.workers == 20)
        fleet.run(400, wanted: 2)
        #expect(fleet.workers == 2)
    }

    /// What is learned is forgotten once a step in has held.
    @Test func afterAStepInThatHeldHalfAMinuteIsEnoughAgain() {
        var fleet = Fleet()
        fleet.run(60, wanted: 20)
        fleet.run(40, wanted: 2)
        fleet.run(60, wanted: 20)
        fleet.run(1000, wanted: 2)
        #expect(fleet.workers == 2)
        let start = fleet.second
        fleet.run(60, wanted: 20)
        fleet.run(100, wanted: 2)
        #expect(fleet.turnsIn.last == start + 90)
    }

    /// Over random loads: bounds, at once, one at a time from out to in, never below what runs.
    @Test func theRulesHoldUnderRandomLoads() throws {
        let bounds = try #require(WorkerBounds(minimum: 2, maximum: 20))
        for seed in 0..<20 as Range<UInt64> {
            var generator = SeededGenerator(seed: seed)
            var fleet = Fleet()
            for _ in 0..<60 {
                let steps = [0, 5, 30, 150, 5000].randomElement(using: &generator) ?? 0
                let wanted = bounds.clamp(WorkerTable.specified.workers(for: steps))
                let occupied = Double.random(in: 0...25, using: &generator)
                for _ in 0..<Int.random(in: 1...120, using: &generator) {
                    let (before, moves) = (fleet.workers, fleet.moves.count)
                    fleet.run(1, wanted: wanted, occupied: occupied)
                    #expect(fleet.workers >= wanted)
                    if fleet.workers < before {
                        #expect(Double(fleet.workers) >= occupied && fleet.workers >= bounds.minimum)
                        #expect(moves == 0 || fleet.second - 1 - fleet.moves[moves - 1].second >= 10)
                    }
                    #expect(bounds.clamp(fleet.workers) == fleet.workers)
                }
            }
            for (one, next) in zip(fleet.turnsIn, fleet.turnsIn.dropFirst()) { #expect(next - one >= 300) }
        }
    }
}
