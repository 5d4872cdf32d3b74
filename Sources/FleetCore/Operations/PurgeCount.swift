/// What a purge would take, as it was counted: only that goes when it is confirmed.
package struct PurgeCount: Sendable, Equatable {
    /// Steps that wait: ready, dispatched or parked.
    package var steps: Int
    /// Tasks that they belong to.
    package var tasks: Int
    /// When they were counted, in microseconds since 1970-01-01 UTC: later ones stay.
    package var asOf: Int

    package init(steps: Int, tasks: Int, asOf: Int) {
        self.steps = steps
        self.tasks = tasks
        self.asOf = asOf
    }
}
