package import FleetCore

/// What waits for workers of one agent type, as the rows have it.
package struct TypeBacklog: Sendable, Equatable {
    /// The steps of one priority.
    package struct Waiting: Sendable, Equatable {
        /// Steps that may get a ticket, and new tasks that begin with this type.
        package var ready = 0
        /// Parked because there is no capacity: a limit, a circuit, no limiter.
        package var forCapacity = 0

        package init(ready: Int = 0, forCapacity: Int = 0) {
            self.ready = ready
            self.forCapacity = forCapacity
        }
    }

    package var agentType: String
    package var role: AgentRole
    /// An operator has paused it, or it has left the catalogue: nothing more is dispatched.
    package var isClosed: Bool
    /// By priority, urgent ones first.
    package var waiting: [Priority: Waiting]
    /// Steps whose ticket is out.
    package var dispatched: Int
    /// All parked steps, whatever for.
    package var parked: Int
    /// Steps that a worker runs.
    package var running: Int
    /// Since when the oldest ready or dispatched step, or new task, waits; nil without any.
    package var oldestAge: Duration?

    package init(
        agentType: String, role: AgentRole, isClosed: Bool = false, waiting: [Priority: Waiting] = [:],
        dispatched: Int = 0, parked: Int = 0, running: Int = 0, oldestAge: Duration? = nil
    ) {
        self.agentType = agentType
        self.role = role
        self.isClosed = isClosed
        self.waiting = waiting
        self.dispatched = dispatched
        self.parked = parked
        self.running = running
        self.oldestAge = oldestAge
    }

    /// Everything that has not begun, blocked or not.
    package var backlog: Int { waiting.values.reduce(0) { $0 + $1.ready } + dispatched + parked }

    /// What may go out now: tickets that are out, and ready steps that a dispatch would take.
    ///
    /// While `places` steps of a type wait for capacity, dispatch sends no more of the same or a lower priority after
    /// them. From half of that number on, the limit is what binds, and only as many count as there are places left:
    /// otherwise the count would jump between nothing and everything each time one of those that wait goes ahead.
    ///
    /// - Parameter places: steps of a type that may wait for capacity outside the dispatch order.
    package func admissible(places: Int) -> Int {
        guard !isClosed else { return dispatched }
        var (sum, atCapacity) = (dispatched, 0)
        for priority in Priority.allCases.sorted() {
            let here = waiting[priority] ?? Waiting()
            atCapacity += here.forCapacity
            guard atCapacity <= places else { break }
            sum += 2 * atCapacity < places ? here.ready : min(here.ready, places - atCapacity)
        }
        return sum
    }
}
