package import Autoscaling
import FleetCore

/// What decides how many workers there are.
package protocol Scaler {
    /// Asked each second; nil: leave it.
    mutating func target(_ view: ScalerView) -> Int?
}

/// What a scaler may know.
package struct ScalerView: Sendable {
    package var second: Int
    /// Steps that wait, blocked or not.
    package var waiting: Int
    package var isBlocked: Bool
    /// Workers that do not drain.
    package var workers: Int
    /// Steps that these run.
    package var running: Int
}

/// The product's policy and governor.
package struct ProductScaler: Scaler {
    private let costs: ScalingCosts
    private let bounds: WorkerBounds
    private let policy = ScalingPolicy()
    private var governor: ScaleGovernor

    /// Nil if the bounds of the costs are none.
    package init?(_ costs: ScalingCosts, pace: ScaleGovernor.Pace = ScaleGovernor.Pace()) {
        guard let bounds = WorkerBounds(minimum: costs.minimum, maximum: costs.maximum) else { return nil }
        self.costs = costs
        self.bounds = bounds
        governor = ScaleGovernor(pace: pace)
    }

    package mutating func target(_ view: ScalerView) -> Int? {
        // Without a provider the first steps wait for the circuit, and dispatch sends no more after them.
        let parked = view.isBlocked ? min(view.waiting, policy.capacityPlaces + 1) : 0
        let type = TypeBacklog(
            agentType: "simulated", role: .specialist,
            waiting: [.medium: .init(ready: view.waiting - parked, forCapacity: parked)], parked: parked)
        let decision = governor.decide(
            wanted: policy.wanted([type], pool: bounds), current: view.workers,
            occupied: WorkerLoad.occupied(running: view.running, slots: costs.slots), at: .seconds(view.second))
        switch decision {
        case .out(let count), .drain(let count): return count
        case .stay: return nil
        }
    }
}

/// KEDA's formula as its HorizontalPodAutoscaler carries it out: the backlog divided by a target per worker, looked at every
/// 15 s; out by at most four workers or twice as many at a time, in to the largest number that was wanted in five minutes.
/// It sees the depth of the queue, blocked or not.
package struct KEDAScaler: Scaler {
    private static let sync = 15
    private static let stabilization = 300

    private let costs: ScalingCosts
    private let perWorker: Int
    private var wanted: [Int] = []

    /// - Parameter perWorker: as the specification's manifest has it.
    package init(_ costs: ScalingCosts, perWorker: Int = 10) {
        self.costs = costs
        self.perWorker = perWorker
    }

    package mutating func target(_ view: ScalerView) -> Int? {
        guard view.second % Self.sync == 0 else { return nil }
        let desired = (view.waiting + perWorker - 1) / perWorker
        wanted.append(min(max(desired, costs.minimum), costs.maximum))
        let recent = wanted.suffix(Self.stabilization / Self.sync).max() ?? costs.minimum
        guard let last = wanted.last else { return nil }
        if last > view.workers { return min(last, max(2 * view.workers, view.workers + 4)) }
        return recent < view.workers ? recent : nil
    }
}
