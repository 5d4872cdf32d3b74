import AsyncPrimitives
import FleetCore
import FleetMetrics
import Synchronization

/// Tells whoever listens at the broker of events, beside the scheduler's other work. What nobody gets to announce in time
/// may be lost: the rows have it.
final class EventAnnouncer: Sendable {
    private struct Batch {
        var events: [EventBatch]
        /// Of their commit, by this process's clock.
        var committedAt: Duration

        var count: Int { events.reduce(0) { $0 + $1.events.count } }
    }

    /// Batches that may wait, of an advance each.
    private static let capacity = 256

    private let publisher: any TicketPublisher
    private let metrics: SchedulerMetrics
    private let time: any Timekeeper
    private let waiting = Mutex<[Batch]>([])
    private let arrivals: AsyncStream<Void>
    private let arrival: AsyncStream<Void>.Continuation

    init(publisher: any TicketPublisher, metrics: SchedulerMetrics, time: any Timekeeper) {
        self.publisher = publisher
        self.metrics = metrics
        self.time = time
        (arrivals, arrival) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    func announce(_ events: [EventBatch], at committedAt: Duration) {
        guard !events.isEmpty else { return }
        let dropped = waiting.withLock { waiting in
            waiting.append(Batch(events: events, committedAt: committedAt))
            return waiting.count > Self.capacity ? waiting.removeFirst() : nil
        }
        if let dropped { metrics.unannounced(dropped.count) }
        arrival.yield()
    }

    /// Until the surrounding task is cancelled.
    func run() async {
        var audience = Audience()
        for await _ in arrivals {
            let wait = audience.wait(at: time.now)
            if let wait, wait > .zero { try? await time.sleep(for: wait) }
            // Taken before the question: what comes meanwhile waits for the next one.
            let batches = waiting.withLock { waiting in
                defer { waiting = [] }
                return waiting
            }
            guard !batches.isEmpty else { continue }
            if wait != nil {
                audience.answered(await publisher.hasListeners(), at: time.now)
            }
            if audience.isThere { await tell(batches) }
        }
    }

    private func tell(_ batches: [Batch]) async {
        let isTold = await publisher.announce(batches.flatMap(\.events))
        for batch in batches {
            if isTold {
                metrics.announced(batch.count, lag: time.now - batch.committedAt)
            } else {
                metrics.unannounced(batch.count)
            }
        }
    }
}
