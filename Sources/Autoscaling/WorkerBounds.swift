package import FleetCore

/// The fewest and the most workers that are ever wanted.
package struct WorkerBounds: Sendable, Equatable {
    package let minimum: Int
    package let maximum: Int

    /// Nil if nothing lies between them, or the minimum is negative.
    package init?(minimum: Int, maximum: Int) {
        guard 0 <= minimum, minimum <= maximum else { return nil }
        self.minimum = minimum
        self.maximum = maximum
    }

    private init(specified minimum: Int, _ maximum: Int) {
        self.minimum = minimum
        self.maximum = maximum
    }

    /// Section "Worker Specialization".
    package static func specified(for role: AgentRole) -> WorkerBounds {
        switch role {
        case .specialist: WorkerBounds(specified: 10, 50)
        case .manager, .coordinator, .analyst: WorkerBounds(specified: 2, 5)
        }
    }

    /// Of one pool whose workers serve every type: the ends of the specification's table.
    package static let pool = WorkerBounds(specified: 2, 20)

    /// The nearest number within the bounds.
    package func clamp(_ workers: Int) -> Int { min(max(workers, minimum), maximum) }
}
