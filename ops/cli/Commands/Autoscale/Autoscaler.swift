import Autoscaling
import FleetCore
import FleetStore
import PostgresClient
import PrivateStack

/// Looks at the rows several times a second and moves the workers of this machine.
struct Autoscaler: Sendable {
    /// Between two looks.
    private static let interval: Duration = .milliseconds(250)

    let fleet: LocalFleet
    let pool: PostgresPool
    let bounds: WorkerBounds
    private let policy = ScalingPolicy(capacityPlaces: Int(PostgresWorkflowStore.parkedStepsPerType))

    init(fleet: LocalFleet, pool: PostgresPool, bounds: WorkerBounds) {
        self.fleet = fleet
        self.pool = pool
        self.bounds = bounds
    }

    /// Runs until the task is cancelled.
    func run(_ tell: @escaping @Sendable (AutoscaleLine) -> Void) async {
        var governor = ScaleGovernor()
        var draining: [String: ContinuousClock.Instant] = [:]
        var trouble: String?
        let starting = StartsUnderWay()
        let start = ContinuousClock.now
        await withDiscardingTaskGroup { group in
            while !Task.isCancelled {
                let began = ContinuousClock.now
                do {
                    let underWay = starting.names
                    let workers = try await fleet.workers(starting: underWay)
                    let reading = try await pool.withSession { try ScalingReader.read($0) }
                    if trouble != nil {
                        tell(AutoscaleLine(.back, "fleet and database answer again"))
                        trouble = nil
                    }
                    for (name, since) in draining where !workers.draining.contains(name) {
                        draining[name] = nil
                        tell(
                            AutoscaleLine(.ended, "it finished its work in \(Self.seconds(.now - since))", worker: name)
                        )
                    }
                    let load = PoolLoad(reading, workers, policy: policy, bounds: bounds)
                    switch governor.decide(
                        wanted: load.wanted, current: workers.kept.count, occupied: load.occupied, at: .now - start)
                    {
                    case .stay: break
                    case .out(let count):
                        // New names are made one batch at a time: the supervisor counts them from 1.
                        guard underWay.isEmpty else { break }
                        tell(AutoscaleLine(.out, load.reason, from: workers.kept.count, to: count))
                        let next = workers.next(count - workers.kept.count)
                        let names = next.stopped + next.fresh.map { "worker-\($0)" }
                        starting.begin(names)
                        group.addTask {
                            await self.start(next.stopped, next.fresh, tell)
                            starting.end(names)
                        }
                    case .drain(let count):
                        tell(AutoscaleLine(.drain, load.reason, from: workers.kept.count, to: count))
                        for name in load.drainOrder.prefix(workers.kept.count - count) {
                            draining[name] = .now
                            try await fleet.control.drain(name)
                        }
                    }
                } catch {
                    let text = (error as? PostgresError).map { "the database: \($0)" } ?? "\(error)"
                    if trouble != text, !Task.isCancelled {
                        tell(AutoscaleLine(.waiting, text + "; the workers stay as they are"))
                    }
                    trouble = text
                }
                let pause = ReadingPace.pause(interval: Self.interval, took: .now - began)
                try? await Task.sleep(for: pause)
            }
        }
    }

    /// All at once; whoever does not start is told of and asked for again.
    private func start(_ stopped: [String], _ fresh: [Int], _ tell: @escaping @Sendable (AutoscaleLine) -> Void) async {
        await withDiscardingTaskGroup { group in
            for name in stopped {
                group.addTask { await attempt(name, tell) { try await fleet.start(name) } }
            }
            if let last = fresh.last {
                group.addTask { await attempt("worker-\(last)", tell) { try await fleet.make(upTo: last) } }
            }
        }
    }

    private func attempt(
        _ worker: String, _ tell: @Sendable (AutoscaleLine) -> Void, _ move: () async throws -> Void
    ) async {
        do {
            try await move()
        } catch {
            tell(AutoscaleLine(.failed, "\(error)", worker: worker))
            // What fails at once would otherwise be tried again at once.
            try? await Task.sleep(for: .seconds(5))
        }
    }

    private static func seconds(_ duration: Duration) -> String {
        "\((Double(duration.inMilliseconds) / 100).rounded() / 10) s"
    }
}
