/// A ticket as a worker received it.
package struct ReceivedTicket: Sendable {
    /// Names the delivery for acknowledgement.
    package var delivery: DeliveryID
    /// It came from here: `agent.<type>`, or `agent.<type>.dead` at the scheduler.
    package var queue: String
    /// As published; nobody has checked yet that it is a ticket.
    package var body: [UInt8]
    /// It was delivered before and not acknowledged: its first consumer may have died.
    package var isRedelivered: Bool
    /// As ``Priority/brokerPriority`` has it: larger is sooner.
    package var brokerPriority: UInt8
    /// How it came to the dead letters, the latest first; empty for a ticket that was never there.
    package var deaths: [TicketDeath]
    /// Its `traceparent` header, as it came; nil if it has none.
    package var traceparent: String?

    package init(
        delivery: DeliveryID, queue: String, body: [UInt8], isRedelivered: Bool, brokerPriority: UInt8 = 0,
        deaths: [TicketDeath] = [], traceparent: String? = nil
    ) {
        self.delivery = delivery
        self.queue = queue
        self.body = body
        self.isRedelivered = isRedelivered
        self.brokerPriority = brokerPriority
        self.deaths = deaths
        self.traceparent = traceparent
    }
}

/// A delivery of the broker: valid for one connection only, ignored after a reconnect.
package struct DeliveryID: Sendable, Hashable {
    /// Counts connections and channels: one of an earlier generation is void, and the broker delivers again.
    package var generation: Int
    /// The broker's number of the delivery within its generation.
    package var tag: UInt64

    /// Made by the ticket source alone; others hand it back unread.
    package init(generation: Int, tag: UInt64) {
        self.generation = generation
        self.tag = tag
    }
}

/// How many tickets a worker wants.
package enum TicketDemand: Sendable, Hashable {
    /// None: its places and its cushion are taken.
    case none
    /// So many more of each queue, until it is asked again: a few of its places are free.
    case few(Int)
    /// As many as it has places for, even if all are of one queue.
    case all
}

/// The broker as a worker sees it.
package protocol TicketSource: Sendable {
    /// Tickets in batches as they arrive; ends at shutdown.
    var tickets: AsyncStream<[ReceivedTicket]> { get }
    /// Starts or stops deliveries, or begins them anew; what was delivered stays acknowledgeable. May fail in part while the broker is
    /// away: asking for the same again does what is missing.
    func setConsuming(_ demand: TicketDemand) async
    func acknowledge(_ deliveries: [DeliveryID])
    /// Gives tickets back to their queues.
    func requeue(_ deliveries: [DeliveryID])
    /// Refuses tickets for good: they go to the dead letters.
    func reject(_ deliveries: [DeliveryID])
}
