import FleetCore

/// A scheduler's way to the simulated broker.
struct SimulatedTicketPublisher: TicketPublisher {
    let broker: SimulatedBroker
    let link: NetworkPath
    let agentTypes: [String]

    func publish(_ tickets: [Ticket]) async -> [Int] {
        do {
            try await link.call { broker.publish(tickets) }
            return []
        } catch {
            // Without a confirm none of them counts as taken, though some or all may have been.
            return tickets.map(\.stepID)
        }
    }

    func queueDepths() async throws -> [String: Int] {
        try await link.call { broker.depths(of: agentTypes) }
    }

    func hasListeners() async -> Bool? { false }

    func announce(_ events: [EventBatch]) async -> Bool { true }
}
