/// The least cost with the load known, by dynamic programming over time and what waits.
///
/// It is a bound from below, so that a ratio to it is one from above: its workers start and end at once, in any number from
/// one interval to the next; steps are cut into pieces at will; what does not fill a cell of the grid need not be done; a
/// step has begun as soon as there is a place for it, and an interval counts as late only if it begins and ends late.
package struct ClairvoyantOptimum: Sendable {
    /// In worker-seconds.
    package let cost: Int
    /// Per interval.
    package let workers: [Int]
    /// Seconds.
    package static let interval = 30

    /// - Parameter cells: of the grid of what waits, at most.
    package init(_ load: ScalingLoad, _ costs: ScalingCosts, cells: Int = 1500) {
        let problem = Problem(load, costs, cells: cells)
        (cost, workers) = problem.solve()
    }

    /// A number of workers for an interval, and what comes of it.
    private struct Option {
        let workers: Int
        let cost: Int
        /// What arrives, less what is done.
        let change: Int
        /// The interval is late if more waited at its beginning, and more waits at its end.
        let lateFrom: Int
        let lateTo: Int
        let lateness: Int

        init(problem: Problem, interval: Int, workers: Int) {
            let (costs, length) = (problem.costs, ClairvoyantOptimum.interval)
            self.workers = workers
            cost = workers * length
            let isBlocked = problem.isBlocked[interval]
            let capacity = (workers * costs.slots * length + costs.service - 1) / costs.service
            change = problem.arrivals[interval] - (isBlocked ? 0 : capacity)
            lateFrom = problem.fresh[interval] + workers * costs.slots
            lateTo = problem.fresh[interval + 1] + workers * costs.slots
            lateness = isBlocked ? 0 : costs.weight * length
        }
    }

    private struct Problem {
        let costs: ScalingCosts
        /// Steps in a cell of the grid.
        let grain: Int
        let size: Int
        let intervals: Int
        let arrivals: [Int]
        let isBlocked: [Bool]
        /// At the beginning of each interval, and at the end: steps that came within the objective.
        let fresh: [Int]

        init(_ load: ScalingLoad, _ costs: ScalingCosts, cells: Int) {
            self.costs = costs
            let length = ClairvoyantOptimum.interval
            intervals = (load.seconds + length - 1) / length
            // What comes during an outage waits since its end.
            var admissible = load.arrivals
            for second in load.outage where second < load.seconds {
                admissible[min(load.outage.upperBound, load.seconds - 1)] += admissible[second]
                admissible[second] = 0
            }
            func sum(_ from: Int, _ to: Int) -> Int {
                let range = max(0, from)..<max(0, min(to, admissible.count))
                return range.isEmpty ? 0 : admissible[range].reduce(0, +)
            }
            arrivals = (0..<intervals).map { sum($0 * length, ($0 + 1) * length) }
            isBlocked = (0..<intervals).map { load.outage.contains(($0 + 1) * length - 1) }
            fresh = (0...intervals).map { sum($0 * length - costs.objective, $0 * length) }
            let most = Problem.most(arrivals, fresh, capacity: costs.maximum * costs.slots * length / costs.service)
            grain = max(1, most / cells)
            size = most / grain + 2
        }

        /// What ever has to wait: what the most workers leave, and what may wait without being late. More is of no use, since
        /// the same workers might have done it earlier at the same cost.
        private static func most(_ arrivals: [Int], _ fresh: [Int], capacity: Int) -> Int {
            var (waiting, most) = (0, 0)
            for count in arrivals {
                waiting += count
                most = max(most, waiting)
                waiting = max(0, waiting - capacity)
            }
            return most + (fresh.max() ?? 0)
        }

        /// Backwards: the least cost from each interval and each number of waiting steps on.
        func solve() -> (Int, [Int]) {
            var after = [Int](repeating: 0, count: size)
            // What is left at the end has to be done all the same, by full workers.
            for cell in 0..<size { after[cell] = cell * grain * costs.service / costs.slots }
            var choices = [[UInt8]](repeating: [], count: intervals)
            for index in stride(from: intervals - 1, through: 0, by: -1) {
                let options = (costs.minimum...costs.maximum).map {
                    Option(problem: self, interval: index, workers: $0)
                }
                var now = [Int](repeating: Int.max, count: size)
                var choice = [UInt8](repeating: 0, count: size)
                for option in options {
                    let isMost = option.workers == costs.maximum
                    after.withUnsafeBufferPointer { after in
                        now.withUnsafeMutableBufferPointer { now in
                            var cell = 0
                            while cell < size {
                                let before = cell * grain
                                let rest = max(0, before + option.change)
                                var next = rest / grain
                                if next >= size {
                                    // Only the most workers may leave more than ever has to wait.
                                    guard isMost else { break }
                                    next = size - 1
                                }
                                var total = option.cost + after[next]
                                if before > option.lateFrom && rest > option.lateTo { total += option.lateness }
                                if total < now[cell] { (now[cell], choice[cell]) = (total, UInt8(option.workers)) }
                                cell += 1
                            }
                        }
                    }
                }
                (after, choices[index]) = (now, choice)
            }
            return (after[0], replay(choices))
        }

        private func replay(_ choices: [[UInt8]]) -> [Int] {
            var cell = 0
            return choices.indices.map { index in
                let option = Option(problem: self, interval: index, workers: Int(choices[index][cell]))
                cell = min(max(0, cell * grain + option.change) / grain, size - 1)
                return option.workers
            }
        }
    }
}
