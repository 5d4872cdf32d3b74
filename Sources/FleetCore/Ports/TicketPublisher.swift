/// The broker as the scheduler sees it.
package protocol TicketPublisher: Sendable {
    /// Publishes with confirms; returns the step ids whose tickets the broker did not take.
    func publish(_ tickets: [Ticket]) async -> [Int]

    /// Messages in each agent type's queue; queues that were lost are declared again.
    func queueDepths() async throws -> [String: Int]

    /// Whether somebody listens to the events of all tasks; nil: the broker does not say.
    func hasListeners() async -> Bool?

    /// Announces task events to whoever listens; false: they may be lost.
    func announce(_ events: [EventBatch]) async -> Bool
}
