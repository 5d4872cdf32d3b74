package import AMQPClient
package import FleetCore
import Synchronization

/// Publishes tickets with confirms, and task events without promises.
package final class AMQPTicketPublisher: TicketPublisher {
    let publisher: AMQPPublisher
    private let agentTypes: [String]
    /// A ticket that the broker has not confirmed by then is taken back; its step is dispatched again.
    private static let ticketTimeout: Duration = .seconds(5)
    private static let silence: Duration = .seconds(60)
    private let silentUntil = Mutex(ContinuousClock.now)

    /// - Parameter publisher: runs with the topology of these agent types.
    package init(publisher: AMQPPublisher, agentTypes: [String]) {
        self.publisher = publisher
        self.agentTypes = agentTypes
    }

    /// Waits up to five seconds for the confirms. A ticket without one counts as not taken, though the broker may have
    /// it: one too many is forgotten by its worker.
    package func publish(_ tickets: [Ticket]) async -> [Int] {
        // Not persistent: a ticket that the broker loses is issued again from its row, and a persistent one is confirmed
        // only when the broker next writes to its disk.
        let messages = tickets.map { ticket in
            AMQPMessage(
                exchange: "", routingKey: FleetTopology.ticketQueue(ticket.agentType), body: Array(ticket.json.utf8),
                priority: ticket.priority.brokerPriority, isPersistent: false, contentType: "application/json",
                headers: ticket.traceparent.map { ["traceparent": $0] } ?? [:], isMandatory: true)
        }
        do {
            try await publisher.publish(messages, timeout: Self.ticketTimeout)
            return []
        } catch {
            // Without particulars none of them counts as taken: a ticket too many is forgotten by its worker.
            let failed = error.failedIndices.isEmpty ? Array(tickets.indices) : error.failedIndices
            return failed.map { tickets[$0].stepID }
        }
    }

    /// Declares each queue, one after another; one that the broker refuses is left out. Throws `AMQPError` if one of them
    /// gives no answer.
    package func queueDepths() async throws -> [String: Int] {
        var depths: [String: Int] = [:]
        for type in agentTypes {
            do {
                depths[type] = try await publisher.declare(FleetTopology.declaration(of: type)).messageCount
            } catch {
                // The broker's word on this queue alone is told by the connection's health.
                if error.replyCode == 0 { throw error }
            }
        }
        return depths
    }

    /// Sends an empty list of events, which the broker gives back if it has nobody to give it to.
    package func hasListeners() async -> Bool? {
        var question = Self.message([], to: FleetTopology.listenerKey)
        question.isMandatory = true
        switch await failure(of: [question]) {
        case nil: return true
        case .unroutable: return false
        default: return nil
        }
    }

    /// Sends one message per task. A broker that is away or slow loses them: listeners then read the rows.
    package func announce(_ events: [EventBatch]) async -> Bool {
        guard !events.isEmpty else { return true }
        // A task's events stand together: a message costs the broker the same however long it is.
        let messages = Dictionary(grouping: events, by: \.taskID).map { taskID, batches in
            Self.message(batches.flatMap(\.stored), to: "task.\(taskID)")
        }
        // The rows have them; listeners that miss one read it there.
        return await failure(of: messages) == nil
    }

    /// Nil: the broker has taken them.
    private func failure(of messages: [AMQPMessage]) async -> AMQPError.Code? {
        guard publisher.state == .ready, silentUntil.withLock({ $0 < .now }) else { return .unavailable }
        do {
            try await publisher.publish(messages, timeout: .seconds(1))
            return nil
        } catch {
            // A broker that does not want them is left alone: each refusal closes the channel that the tickets use as well.
            let isUnwanted = error.code == .accessRefused || error.code == .notFound
            if isUnwanted { silentUntil.withLock { $0 = .now + Self.silence } }
            return error.code
        }
    }

    private static func message(_ events: [StoredTaskEvent], to routingKey: String) -> AMQPMessage {
        AMQPMessage(
            exchange: FleetTopology.eventExchange, routingKey: routingKey,
            body: Array("[\(events.map(\.payload).joined(separator: ","))]".utf8), isPersistent: false,
            contentType: "application/json", isMandatory: false)
    }
}
