/// What waits and runs, per agent type, as it is now.
package protocol QueueReader: Sendable {
    /// Every agent type that the fleet knows or has work for, by name.
    func queues() async throws -> [QueueOverview]
}
