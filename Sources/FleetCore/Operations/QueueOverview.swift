/// The work of one agent type as the rows say.
package struct QueueOverview: Sendable, Equatable {
    package var agentType: String
    /// The pause on the type itself, if there is one.
    package var pause: Hold?
    /// May be dispatched; new tasks count at the type that they begin with.
    package var ready: Int
    /// A ticket is at the broker.
    package var dispatched: Int
    package var running: Int
    /// By what they wait for: a wait reason's word.
    package var parked: [String: Int]
    /// Open dead letters.
    package var dead: Int
    /// Seconds since the oldest step that could go on was made; nil if none could.
    package var oldestAge: Double?
    /// Live workers that serve the type, and their places.
    package var workers: Int
    package var slots: Int

    package init(
        agentType: String, pause: Hold?, ready: Int, dispatched: Int, running: Int, parked: [String: Int], dead: Int,
        oldestAge: Double?, workers: Int, slots: Int
    ) {
        self.agentType = agentType
        self.pause = pause
        self.ready = ready
        self.dispatched = dispatched
        self.running = running
        self.parked = parked
        self.dead = dead
        self.oldestAge = oldestAge
        self.workers = workers
        self.slots = slots
    }

    package var parkedTotal: Int { parked.values.reduce(0, +) }
}
