/// What the rows say of the fleet's life at a moment. Ages are in seconds.
package struct HealthFacts: Sendable, Equatable {
    package var schedulers: [SchedulerFacts] = []
    package var workers: [WorkerFacts] = []
    package var queues: [QueueFacts] = []
    package var circuits: [CircuitFacts] = []
    /// Something happened to so many tasks that no scheduler has looked at yet.
    package var wakeUps = 0

    package init() {}

    /// Since a scheduler last moved tasks on, by the one that did so last; nil: no scheduler that would tell has ever run.
    package var advanceAge: Double? { schedulers.compactMap { $0.age(of: "advance") }.min() }
}

/// A process that was heard of in the last day.
package struct SchedulerFacts: Sendable, Equatable {
    /// Longer than any round of a duty; ten heartbeats.
    package static let longestSilence = 10.0

    package var name: String
    /// `active`, `retired` (it has ended) or `lost`.
    package var state: String
    package var heartbeatAge: Double
    /// By duty, since its last round, by the time of the heartbeat.
    package var turns: [String: Double]

    package init(name: String, state: String, heartbeatAge: Double, turns: [String: Double]) {
        self.name = name
        self.state = state
        self.heartbeatAge = heartbeatAge
        self.turns = turns
    }

    /// Since the duty's last round, now.
    package func age(of duty: String) -> Double? { turns[duty].map { $0 + heartbeatAge } }
}

/// A worker that has not ended, or was lost a while ago and has no successor of its name.
package struct WorkerFacts: Sendable, Equatable {
    package var name: String
    /// `active`, `draining` or `lost`.
    package var state: String
    package var slots: Int
    package var running: Int
    package var heartbeatAge: Double
    package var agentTypes: [String]
    /// By agent type, since the worker last took a canary out of its queue.
    package var canaryAges: [String: Double]
    /// Queues from which nothing comes although canaries go by, and for how long.
    package var deafTo: [String: Double]

    package init(
        name: String, state: String, slots: Int, running: Int, heartbeatAge: Double, agentTypes: [String],
        canaryAges: [String: Double] = [:], deafTo: [String: Double] = [:]
    ) {
        self.name = name
        self.state = state
        self.slots = slots
        self.running = running
        self.heartbeatAge = heartbeatAge
        self.agentTypes = agentTypes
        self.canaryAges = canaryAges
        self.deafTo = deafTo
    }
}

/// An agent type of the catalogue.
package struct QueueFacts: Sendable, Equatable {
    package var agentType: String
    /// Steps that a worker could take up: ready and dispatched.
    package var waiting = 0
    /// Live workers that serve it and take work, those of them that have a place free, and those that tell what they hear.
    package var workers = 0
    package var freeWorkers = 0
    package var tellingWorkers = 0
    /// As the broker said last.
    package var consumers = 0
    /// Since a scheduler took it up, and since the broker answered one.
    package var lookAge: Double?
    package var seenAge: Double?
    /// Since a worker last took a canary out of it.
    package var canaryAge: Double?
    /// For how long workers with free places have taken none.
    package var silence: Double?

    package init(agentType: String) { self.agentType = agentType }
}

/// An open circuit.
package struct CircuitFacts: Sendable, Equatable {
    package var provider: String
    /// Nil: all models of the provider.
    package var model: String?
    package var reason: String
    package var error: String
    package var age: Double
    /// Workers that do not call it, and all.
    package var workers: Int
    package var allWorkers: Int

    package init(
        provider: String, model: String?, reason: String, error: String, age: Double, workers: Int, allWorkers: Int
    ) {
        self.provider = provider
        self.model = model
        self.reason = reason
        self.error = error
        self.age = age
        self.workers = workers
        self.allWorkers = allWorkers
    }
}
