/// Signs of life on the rows, where whoever asks finds them.
package protocol HealthBook: Sendable {
    /// Writes a row for a scheduler that has started.
    func register(scheduler name: String) async throws(StoreFailure) -> Int

    /// - Parameter turns: how long ago each duty's last round ended.
    /// - Returns: the agent types whose canary has been waiting for more than a moment: a message of their queue that is no
    ///   ticket. Nil if the rows do not know this scheduler any more.
    func beat(scheduler id: Int, turns: [SchedulerTurn]) async throws(StoreFailure) -> Set<String>?

    /// Ends the row of a scheduler that stops.
    func retire(scheduler id: Int) async throws(StoreFailure)

    /// Takes up the canaries of these agent types that nobody has looked after for ``Canary/interval``.
    ///
    /// - Returns: those that are the caller's to look after now.
    func takeCanaries(of agentTypes: [String]) async throws(StoreFailure) -> [String]

    /// Writes what the broker says of the queues, and who has heard the canaries.
    ///
    /// - Parameter mayBeLost: the broker is another one, or was away: what was sent before is not waited for.
    /// - Returns: the canaries to send now.
    func note(_ sightings: [QueueSighting], mayBeLost: Bool) async throws(StoreFailure) -> [Canary]

    /// These were not sent after all.
    func withdraw(_ canaries: [Canary]) async throws(StoreFailure)
}

/// The broker as canaries see it.
package protocol CanaryPublisher: Sendable {
    /// Queues that the broker refuses are left out.
    func sightings(of agentTypes: [String]) async throws -> [QueueSighting]

    /// - Returns: those that the broker did not take.
    func publish(_ canaries: [Canary]) async -> [Canary]
}

/// What the broker says of an agent type's queue.
package struct QueueSighting: Sendable, Equatable {
    package var agentType: String
    /// Messages that wait for a consumer.
    package var ready: Int
    package var consumers: Int

    package init(agentType: String, ready: Int, consumers: Int) {
        self.agentType = agentType
        self.ready = ready
        self.consumers = consumers
    }
}

/// A duty of a scheduler, and how long ago it last came round.
package struct SchedulerTurn: Sendable, Equatable {
    /// As the metrics name it.
    package var duty: String
    package var age: Duration

    package init(duty: String, age: Duration) {
        self.duty = duty
        self.age = age
    }
}
