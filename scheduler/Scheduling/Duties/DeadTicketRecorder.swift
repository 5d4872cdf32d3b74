import FleetCore
import FleetMetrics

/// Records what came back through the dead-letter exchange: each ticket is a row before it is acknowledged.
struct DeadTicketRecorder: Sendable {
    /// What failed while the broker was away is made up for this often.
    private static let interval: Duration = .seconds(5)

    let store: any WorkflowStore
    let source: any TicketSource
    let metrics: SchedulerMetrics
    let rounds: Rounds

    func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.keepConsuming() }
            group.addTask { await self.record() }
        }
    }

    private func keepConsuming() async {
        while !rounds.areOver {
            await source.setConsuming(.all)
            try? await rounds.time.sleep(for: Self.interval)
        }
    }

    func record() async {
        for await batch in source.tickets {
            for ticket in batch {
                // Refused by a worker of an older version, or moved here by a person's hand: nobody waits for it.
                guard Canary(ticket.body) == nil else {
                    source.acknowledge([ticket.delivery])
                    continue
                }
                metrics.deadTicket(queue: ticket.queue)
                do {
                    try await rounds.persist(.deadTicket) {
                        try await store.recordDeadTicket(ticket, reason: "rejected_ticket")
                    }
                    source.acknowledge([ticket.delivery])
                } catch {
                    source.requeue([ticket.delivery])
                }
            }
        }
    }
}
