import FleetCore
import FleetMetrics
import FleetTracing
import Logging
import Synchronization

/// Publishes tickets, and undoes the dispatch of those that the broker does not take.
final class TicketIssuer: Sendable {
    private let store: any WorkflowStore
    private let publisher: any TicketPublisher
    private let metrics: SchedulerMetrics
    private let spans: SchedulerSpans
    private let time: any Timekeeper
    private let logger: Logger
    private let refusedQueues = Mutex(RefusedQueues())

    init(
        store: any WorkflowStore, publisher: any TicketPublisher, metrics: SchedulerMetrics,
        spans: SchedulerSpans = .none, time: any Timekeeper, logger: Logger
    ) {
        self.store = store
        self.publisher = publisher
        self.metrics = metrics
        self.spans = spans
        self.time = time
        self.logger = logger
    }

    /// The broker may be another one: what it refused before says nothing any more.
    func brokerReturned() {
        refusedQueues.withLock { $0.forget() }
    }

    /// - Parameter start: when the dispatch began; nil: now.
    /// - Returns: how many the broker refused.
    @discardableResult
    func issue(_ tickets: [Ticket], since start: Duration? = nil) async throws -> Int {
        guard !tickets.isEmpty else { return 0 }
        let start = start ?? time.now
        let refused = await publisher.publish(spans.traced(tickets))
        metrics.dispatched(tickets.count - refused.count, refused: refused.count, duration: time.now - start)
        guard !refused.isEmpty else { return 0 }
        let refusedIDs = Set(refused)
        let refusedTickets = tickets.filter { refusedIDs.contains($0.stepID) }
        let undone = refusedQueues.withLock { [now = time.now] in $0.undone(refusedTickets, at: now) }
        guard !undone.isEmpty else { return refused.count }
        logger.warning(
            "the broker did not take tickets",
            metadata: [
                "count": "\(refused.count)",
                "agent_types": "\(Set(refusedTickets.map(\.agentType)).sorted().joined(separator: ","))",
            ])
        try await store.undoDispatch(stepIDs: undone.map(\.stepID))
        return refused.count
    }
}
