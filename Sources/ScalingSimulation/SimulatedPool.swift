import Autoscaling

/// Workers and what waits for them, second by second.
struct SimulatedPool {
    private struct Worker {
        var id: Int
        var readyAt: Int
        /// Steps by the second in which they end, modulo the length of a step.
        var ends: [Int]
        var running = 0
        var isDraining = false
    }

    private let costs: ScalingCosts
    private var workers: [Worker] = []
    private var nextID = 0
    /// Steps that wait, by the second since which they do, oldest first.
    private var queue: [(since: Int, steps: Int)] = []
    private var head = 0
    private(set) var waiting = 0
    /// Workers that ended with a step in flight: there must be none.
    private(set) var cut = 0

    init(_ costs: ScalingCosts) {
        self.costs = costs
        scale(to: costs.minimum, at: -costs.start)
    }

    /// Alive: starting, working or draining. Each costs.
    var alive: Int { workers.count }
    var kept: Int { workers.count { !$0.isDraining } }
    var running: Int { workers.reduce(0) { $0 + $1.running } }
    /// Running at workers that do not drain.
    var runningAtKept: Int { workers.reduce(0) { $0 + ($1.isDraining ? 0 : $1.running) } }

    /// Seconds that the oldest step has waited; what was blocked waits since it is not any more.
    func oldestAge(at second: Int, unblockedSince: Int) -> Int {
        head < queue.count ? second - max(queue[head].since, unblockedSince) : 0
    }

    mutating func arrive(_ steps: Int, at second: Int) {
        guard steps > 0 else { return }
        queue.append((second, steps))
        waiting += steps
    }

    mutating func finish(at second: Int) {
        let slot = second % costs.service
        for index in workers.indices {
            workers[index].running -= workers[index].ends[slot]
            workers[index].ends[slot] = 0
        }
        workers.removeAll { $0.isDraining && $0.running == 0 }
    }

    /// Ready workers take what waits, each its share.
    mutating func begin(at second: Int) {
        let able = workers.indices.filter { !workers[$0].isDraining && workers[$0].readyAt <= second }
        for (place, index) in able.enumerated() {
            let left = able.count - place
            let share = (waiting + left - 1) / left
            let count = min(share, costs.slots - workers[index].running)
            guard count > 0 else { continue }
            workers[index].running += count
            workers[index].ends[second % costs.service] += count
            take(count)
        }
    }

    private mutating func take(_ count: Int) {
        waiting -= count
        var rest = count
        while rest > 0 {
            let step = min(rest, queue[head].steps)
            queue[head].steps -= step
            rest -= step
            if queue[head].steps == 0 { head += 1 }
        }
    }

    /// Starts workers, or drains those with the least in flight.
    mutating func scale(to target: Int, at second: Int) {
        while kept < target {
            workers.append(
                Worker(
                    id: nextID, readyAt: second + costs.start, ends: Array(repeating: 0, count: costs.service)))
            nextID += 1
        }
        guard kept > target else { return }
        let loads = workers.filter { !$0.isDraining }.map {
            WorkerLoad(name: "\($0.id)", running: $0.running, startedAt: $0.id)
        }
        let leaving = Set(WorkerLoad.drainOrder(loads).prefix(kept - target).map(\.name))
        for index in workers.indices where leaving.contains("\(workers[index].id)") { workers[index].isDraining = true }
        let before = workers.reduce(0) { $0 + $1.running }
        workers.removeAll { $0.isDraining && $0.running == 0 }
        cut += before - workers.reduce(0) { $0 + $1.running }
    }
}
