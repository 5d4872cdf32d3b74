/// What counts, and what a worker can do: the constants of every comparison.
package struct ScalingCosts: Sendable, Equatable {
    /// W: worker-seconds that a second costs in which the oldest admissible work has waited beyond its objective.
    package var weight = 5
    /// Seconds that admissible work may wait before it is begun.
    package var objective = 60
    /// Steps that a worker runs at once.
    package var slots = 10
    /// Seconds that a step takes.
    package var service = 30
    /// Seconds from the decision to the first claim of a new worker.
    package var start = 2
    package var minimum = 2
    package var maximum = 20

    /// The constants that the figures of docs/autoscaling.md were made with.
    package init() {}

    /// Steps that a worker begins in a second when it is full.
    package var rate: Double { Double(slots) / Double(service) }
}
