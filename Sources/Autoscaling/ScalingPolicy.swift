package import FleetCore

/// How many workers are wanted, from what may be worked on now.
package struct ScalingPolicy: Sendable {
    package var table: WorkerTable
    /// Of workers that serve the types of one role only.
    package var roles: [AgentRole: WorkerBounds]
    /// Steps of a type that may wait for capacity outside the dispatch order: see ``TypeBacklog/admissible(places:)``.
    package var capacityPlaces: Int

    /// By default the specification's numbers, and the places that the scheduler's dispatch has.
    package init(
        table: WorkerTable = .specified,
        roles: [AgentRole: WorkerBounds] = Dictionary(
            uniqueKeysWithValues: AgentRole.allCases.map { ($0, WorkerBounds.specified(for: $0)) }),
        capacityPlaces: Int = 64
    ) {
        self.table = table
        self.roles = roles
        self.capacityPlaces = capacityPlaces
    }

    /// Workers that would have something to do for a type: by the table, but never more than there are steps to take.
    package func usefulWorkers(_ type: TypeBacklog) -> Int {
        let admissible = admissible(type)
        return min(table.workers(for: admissible), admissible)
    }

    /// What of a type's backlog may be worked on now.
    package func admissible(_ type: TypeBacklog) -> Int { type.admissible(places: capacityPlaces) }

    /// Workers for a role whose workers serve no other one; every role has an entry.
    package func wanted(_ types: [TypeBacklog]) -> [AgentRole: Int] {
        var wanted: [AgentRole: Int] = [:]
        for role in AgentRole.allCases {
            let steps = types.filter { $0.role == role }.reduce(0) { $0 + admissible($1) }
            let bounds = roles[role] ?? .specified(for: role)
            wanted[role] = bounds.clamp(table.workers(for: steps))
        }
        return wanted
    }

    /// Workers for one pool that serves all of these types.
    package func wanted(_ types: [TypeBacklog], pool: WorkerBounds) -> Int {
        pool.clamp(table.workers(for: types.reduce(0) { $0 + admissible($1) }))
    }
}
