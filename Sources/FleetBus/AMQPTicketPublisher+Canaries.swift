import AMQPClient
package import FleetCore

/// Canaries go the way of the tickets: the same connection, the same queues.
extension AMQPTicketPublisher: CanaryPublisher {
    /// A canary that is not confirmed by then counts as not sent.
    private static let canaryTimeout: Duration = .seconds(2)

    /// One after another; throws `AMQPError` if one of them gives no answer.
    package func sightings(of agentTypes: [String]) async throws -> [QueueSighting] {
        var sightings: [QueueSighting] = []
        for type in agentTypes {
            do {
                let status = try await publisher.declare(FleetTopology.declaration(of: type))
                sightings.append(
                    QueueSighting(agentType: type, ready: status.messageCount, consumers: status.consumerCount))
            } catch {
                // The broker's word on this queue alone is told by the connection's health.
                if error.replyCode == 0 { throw error }
            }
        }
        return sightings
    }

    package func publish(_ canaries: [Canary]) async -> [Canary] {
        let messages = canaries.map { canary in
            AMQPMessage(
                exchange: "", routingKey: FleetTopology.ticketQueue(canary.agentType), body: Array(canary.json.utf8),
                priority: Canary.brokerPriority, isPersistent: false, contentType: "application/json")
        }
        do {
            try await publisher.publish(messages, timeout: Self.canaryTimeout)
            return []
        } catch {
            return error.failedIndices.isEmpty ? canaries : error.failedIndices.map { canaries[$0] }
        }
    }
}
