/// A load as a scaler bears it.
package struct ScalingRun: Sendable {
    /// Per second: steps that wait.
    package private(set) var backlog: [Int] = []
    /// Per second: workers alive, those that start or drain included.
    package private(set) var workers: [Int] = []
    package private(set) var workerSeconds = 0
    /// Seconds in which the oldest admissible work had waited beyond its objective.
    package private(set) var lateSeconds = 0
    /// When the scaler turned from out to in.
    package private(set) var turnsIn: [Int] = []
    /// When it turned from in to out.
    package private(set) var turnsOut: [Int] = []
    /// Steps cut by letting a worker go.
    package private(set) var cut = 0
    /// Steps that wait or run at the end.
    package private(set) var unfinished = 0
    private let costs: ScalingCosts

    package init(_ load: ScalingLoad, _ costs: ScalingCosts, _ scaler: some Scaler) {
        self.costs = costs
        var scaler = scaler
        var pool = SimulatedPool(costs)
        var isGoingIn: Bool?
        for second in load.arrivals.indices {
            let isBlocked = load.isBlocked(at: second)
            pool.finish(at: second)
            pool.arrive(load.arrivals[second], at: second)
            if !isBlocked { pool.begin(at: second) }
            let kept = pool.kept
            let view = ScalerView(
                second: second, waiting: pool.waiting, isBlocked: isBlocked, workers: kept,
                running: pool.runningAtKept)
            if let target = scaler.target(view), target != kept {
                if isGoingIn == false, target < kept { turnsIn.append(second) }
                if isGoingIn == true, target > kept { turnsOut.append(second) }
                isGoingIn = target < kept
                pool.scale(to: target, at: second)
            }
            workerSeconds += pool.alive
            let unblockedSince = second >= load.outage.upperBound ? load.outage.upperBound : 0
            if !isBlocked, pool.oldestAge(at: second, unblockedSince: unblockedSince) > costs.objective {
                lateSeconds += 1
            }
            backlog.append(pool.waiting)
            workers.append(pool.alive)
        }
        cut = pool.cut
        unfinished = pool.waiting + pool.running
    }

    /// Workers and lateness together, in worker-seconds.
    package var cost: Int { workerSeconds + costs.weight * lateSeconds }

    /// Changes of direction, of either kind, in the five minutes that have the most.
    package var mostTurnsInFiveMinutes: Int { Self.most(turnsIn + turnsOut) }

    /// Turns from out to in, in the five minutes that have the most.
    package var mostTurnsInwardInFiveMinutes: Int { Self.most(turnsIn) }

    private static func most(_ turns: [Int]) -> Int {
        turns.map { start in turns.count { $0 >= start && $0 < start + 300 } }.max() ?? 0
    }
}
