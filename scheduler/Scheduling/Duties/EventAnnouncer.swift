import FleetCore
import FleetMetrics

/// Tells whoever listens at the broker of events, beside the scheduler's other work. What nobody gets to announce in time
/// may be lost: the rows have it.
struct EventAnnouncer: Sendable {
    typealias Events = [(taskID: String, json: String)]

    private struct Batch {
        var events: Events
        /// Of their commit, by this process's clock.
        var committedAt: Duration
    }

    private let publisher: any TicketPublisher
    private let metrics: SchedulerMetrics
    private let time: any Timekeeper
    private let batches: AsyncStream<Batch>
    private let output: AsyncStream<Batch>.Continuation

    init(publisher: any TicketPublisher, metrics: SchedulerMetrics, time: any Timekeeper) {
        self.publisher = publisher
        self.metrics = metrics
        self.time = time
        (batches, output) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(64))
    }

    func announce(_ events: Events, at committedAt: Duration) {
        guard !events.isEmpty else { return }
        if case .dropped(let batch) = output.yield(Batch(events: events, committedAt: committedAt)) {
            metrics.unannounced(batch.events.count)
        }
    }

    /// Until the surrounding task is cancelled.
    func run() async {
        for await batch in batches {
            if await publisher.announce(batch.events) {
                metrics.announced(batch.events.count, lag: time.now - batch.committedAt)
            } else {
                metrics.unannounced(batch.events.count)
            }
        }
    }
}
