import FleetCore

/// Tells whoever listens at the broker of events, beside the scheduler's other work. What nobody gets to announce in time
/// may be lost: the rows have it.
struct EventAnnouncer: Sendable {
    typealias Events = [(taskID: String, json: String)]

    private let events: AsyncStream<Events>
    private let output: AsyncStream<Events>.Continuation

    init() {
        (events, output) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(64))
    }

    func announce(_ events: Events) { output.yield(events) }

    /// Until the surrounding task is cancelled.
    func run(_ publisher: any TicketPublisher) async {
        for await events in events { await publisher.announce(events) }
    }
}
