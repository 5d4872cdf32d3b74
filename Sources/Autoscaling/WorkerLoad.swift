/// A worker that may be drained.
package struct WorkerLoad: Sendable, Equatable {
    package var name: String
    /// Steps in flight; nil: the rows do not know it, so it has claimed nothing yet.
    package var running: Int?
    /// When it began to live, on any one clock; larger is younger.
    package var startedAt: Int

    package init(name: String, running: Int?, startedAt: Int) {
        self.name = name
        self.running = running
        self.startedAt = startedAt
    }

    /// Who goes first: the one with the least paid work in flight, of those the youngest.
    package static func drainOrder(_ workers: [WorkerLoad]) -> [WorkerLoad] {
        workers.sorted {
            ($0.running ?? 0, -$0.startedAt, $0.name) < ($1.running ?? 0, -$1.startedAt, $1.name)
        }
    }

    /// As many workers as a number of running steps fills, with the fraction.
    ///
    /// - Parameter slots: places of each worker.
    package static func occupied(running: Int, slots: Int) -> Double {
        slots > 0 ? Double(max(0, running)) / Double(slots) : 0
    }
}
