import FleetCore

/// The dead-letter queue of a simulation: nothing is refused there.
struct NoDeadTickets: TicketSource {
    var tickets: AsyncStream<[ReceivedTicket]> { AsyncStream { $0.finish() } }
    func setConsuming(_ demand: TicketDemand) async {}
    func acknowledge(_ deliveries: [DeliveryID]) {}
    func requeue(_ deliveries: [DeliveryID]) {}
    func reject(_ deliveries: [DeliveryID]) {}
}
