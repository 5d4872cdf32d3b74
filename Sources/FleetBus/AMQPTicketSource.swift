package import AMQPClient
import AsyncPrimitives
package import FleetCore
import Synchronization

/// Tickets from a set of queues over one consumer connection.
package final class AMQPTicketSource: TicketSource {
    /// Filled by ``run()``, for one reader; ends when the consumer is shut down.
    package let tickets: AsyncStream<[ReceivedTicket]>

    private let consumer: AMQPConsumer
    private let queues: [String]
    private let prefetch: UInt16
    private let output: AsyncStream<[ReceivedTicket]>.Continuation
    private let tags = Mutex<[String: AMQPConsumerTag]>([:])
    private let demand = Mutex(TicketDemand.none)
    private let order = AsyncLock()

    /// - Parameters:
    ///   - queues: consumed while ``setConsuming(_:)`` says so.
    ///   - prefetch: unacknowledged tickets per queue, if as many as possible are wanted.
    package init(consumer: AMQPConsumer, queues: [String], prefetch: UInt16) {
        self.consumer = consumer
        self.queues = queues
        self.prefetch = prefetch
        (tickets, output) = AsyncStream.makeStream()
    }

    /// Passes deliveries on until the consumer is shut down.
    package func run() async {
        for await deliveries in consumer.deliveries {
            output.yield(
                deliveries.map { delivery in
                    ReceivedTicket(
                        delivery: DeliveryID(generation: Int(delivery.id.session), tag: delivery.id.tag),
                        queue: delivery.queue, body: delivery.body, isRedelivered: delivery.isRedelivered,
                        brokerPriority: delivery.priority ?? 0,
                        deaths: delivery.deaths.map {
                            TicketDeath(
                                queue: $0.queue, reason: $0.reason, count: $0.count,
                                at: $0.seconds.map { $0 * 1_000_000 })
                        }, traceparent: delivery.headers["traceparent"])
                })
        }
        output.finish()
    }

    /// Calls wait for one another. What fails while the broker is away or refuses a queue is left for the next call.
    package func setConsuming(_ demand: TicketDemand) async {
        await order.lock()
        defer { order.unlock() }
        let isSame = self.demand.withLock { known in
            defer { known = demand }
            return known == demand
        }
        // With another prefetch it is another subscription: what the earlier one has delivered does not count for it.
        if !isSame { await cancelAll() }
        switch demand {
        case .none: break
        case .few(let number): await consume(prefetch: UInt16(clamping: min(number, Int(prefetch))))
        case .all: await consume(prefetch: prefetch)
        }
    }

    private func cancelAll() async {
        let current = tags.withLock { tags in
            defer { tags = [:] }
            return tags
        }
        for tag in current.values { await consumer.cancel(tag) }
    }

    private func consume(prefetch: UInt16) async {
        let current = tags.withLock { $0 }
        for queue in queues where current[queue] == nil {
            do {
                let tag = try await consumer.consume(queue: queue, prefetch: prefetch)
                tags.withLock { $0[queue] = tag }
            } catch {
                // The broker's word is on this queue alone; without one the others would only wait as long.
                if error.replyCode == 0 { return }
            }
        }
    }

    /// Does not wait; a delivery of an earlier connection is ignored.
    package func acknowledge(_ deliveries: [DeliveryID]) {
        if !deliveries.isEmpty { consumer.acknowledge(deliveries.map(Self.id)) }
    }

    /// The broker delivers them again, marked as redelivered.
    package func requeue(_ deliveries: [DeliveryID]) {
        if !deliveries.isEmpty { consumer.reject(deliveries.map(Self.id), requeue: true) }
    }

    /// The broker moves them to the dead-letter queue, from where a scheduler records them.
    package func reject(_ deliveries: [DeliveryID]) {
        if !deliveries.isEmpty { consumer.reject(deliveries.map(Self.id), requeue: false) }
    }

    private static func id(_ delivery: DeliveryID) -> AMQPDelivery.ID {
        AMQPDelivery.ID(session: UInt32(delivery.generation), tag: delivery.tag)
    }
}
