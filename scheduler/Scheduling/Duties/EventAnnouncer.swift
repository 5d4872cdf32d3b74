import FleetCore

/// Tells whoever listens at the broker of events, beside the scheduler's other work. What nobody gets to announce in time
/// may be lost: the rows have it.
struct EventAnnouncer: Sendable {
    typealias Events = [(taskID: String, json: String)]

    private let publisher: any TicketPublisher
    private let events: AsyncStream<Events>
    private let output: AsyncStream<Events>.Continuation

    init(publisher: any TicketPublisher) {
        self.publisher = publisher
        (events, output) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(64))
    }

    func announce(_ events: Events) { output.yield(events) }

    /// Until the surrounding task is cancelled.
    func run() async {
        for await events in events { await publisher.announce(events) }
    }
}
