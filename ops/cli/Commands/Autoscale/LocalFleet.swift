import Autoscaling
import FleetStore
import PrivateStack

/// The workers of this machine: how many there are, and the moves.
struct LocalFleet: Sendable {
    /// What the supervisor says of its workers.
    struct Workers: Sendable, Equatable {
        /// Run, or are about to.
        var kept: [String] = []
        var draining: [String] = []
        var stopped: [String] = []

        /// - Parameter starting: asked for a moment ago: the supervisor may not have begun.
        init(_ status: StackStatus, starting: Set<String> = []) {
            for process in status.processes where process.role == .worker {
                switch process.state {
                case .stopping: draining.append(process.name)
                case .stopped where !starting.contains(process.name): stopped.append(process.name)
                default: kept.append(process.name)
                }
            }
            let known = Set(kept + draining)
            kept += starting.filter { !known.contains($0) }.sorted()
        }

        /// Names of the next workers to start: stopped ones, then new ones.
        func next(_ count: Int) -> (stopped: [String], fresh: [Int]) {
            let again = stopped.sorted { Self.number($0) < Self.number($1) }.prefix(count)
            let highest = (kept + draining + stopped).map(Self.number).max() ?? 0
            return (Array(again), Array((highest + 1)..<(highest + 1 + count - again.count)))
        }

        /// The number of `worker-N`; 0 for any other name.
        private static func number(_ name: String) -> Int { Int(name.split(separator: "-").last ?? "") ?? 0 }
    }

    let control: StackControl

    /// - Throws: while no supervisor is there, or it is not ready.
    func workers(starting: Set<String>) async throws -> Workers {
        let status = try await control.status()
        // One that starts or stops moves its workers itself.
        guard status.state == .ready else { throw CommandError(.conflict, "the fleet is \(status.state.rawValue)") }
        return Workers(status, starting: starting)
    }

    /// Starts one that has stopped; returns when it is ready.
    func start(_ name: String) async throws { try await control.start(name) }

    /// Makes new ones; returns when they are ready.
    func make(upTo number: Int) async throws { try await control.scaleWorkers(to: number) }

    /// Who is to be drained first; workers that have no row yet have claimed nothing.
    ///
    /// - Parameter rows: of all machines. Where two carry one name, the busier one counts: it may be ours.
    static func drainOrder(_ kept: [String], _ rows: [ScalingReader.Worker]) -> [String] {
        let loads = kept.map { name in
            let own = rows.filter { $0.name == name && !$0.isDraining }
            return WorkerLoad(
                name: name, running: own.map(\.running).max(), startedAt: own.map(\.startedAt).max() ?? .max)
        }
        return WorkerLoad.drainOrder(loads).map(\.name)
    }

    /// How many workers the running steps of some of them fill.
    static func occupied(_ kept: [String], _ rows: [ScalingReader.Worker]) -> Double {
        let own = rows.filter { kept.contains($0.name) && !$0.isDraining }
        return WorkerLoad.occupied(running: own.reduce(0) { $0 + $1.running }, slots: own.map(\.slots).min() ?? 0)
    }

    /// The types that the workers here serve; nil while none of them has a row.
    static func servedTypes(_ kept: [String], _ rows: [ScalingReader.Worker]) -> Set<String>? {
        let own = rows.filter { kept.contains($0.name) }
        return own.isEmpty ? nil : Set(own.flatMap(\.agentTypes))
    }
}
