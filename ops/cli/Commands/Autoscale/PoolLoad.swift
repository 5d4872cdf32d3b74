import Autoscaling
import FleetStore

/// What one look says about the workers of this machine.
struct PoolLoad: Sendable {
    let backlog: Int
    let admissible: Int
    let running: Int
    let wanted: Int
    let occupied: Double
    /// Of those that are kept.
    let drainOrder: [String]

    /// - Parameters:
    ///   - policy: says what may go out, and the table.
    ///   - bounds: of the pool.
    init(_ reading: ScalingReader.Reading, _ workers: LocalFleet.Workers, policy: ScalingPolicy, bounds: WorkerBounds) {
        let served = LocalFleet.servedTypes(workers.kept + workers.draining, reading.workers)
        let types = reading.types.filter { served?.contains($0.agentType) ?? true }
        backlog = types.reduce(0) { $0 + $1.backlog }
        admissible = types.reduce(0) { $0 + policy.admissible($1) }
        running = types.reduce(0) { $0 + $1.running }
        wanted = policy.wanted(types, pool: bounds)
        occupied = LocalFleet.occupied(workers.kept, reading.workers)
        drainOrder = LocalFleet.drainOrder(workers.kept, reading.workers)
    }

    var reason: String {
        var text = "\(admissible) of \(backlog) waiting steps may go out now, \(running) run; wanted \(wanted)"
        if occupied > Double(wanted) { text += ", running steps fill \((occupied * 10).rounded() / 10)" }
        return text
    }
}
