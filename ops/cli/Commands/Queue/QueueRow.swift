import FleetBus
import FleetCore
import JSON

/// An agent type's queue: what the rows say, beside what the broker says.
struct QueueRow: Sendable {
    let overview: QueueOverview
    /// Nil if the broker's management could not be asked, or has no such queue.
    let broker: BrokerQueues.Queue?
    /// Messages in the queue of its dead tickets.
    let deadTickets: Int?

    init(_ overview: QueueOverview, _ broker: BrokerQueues?) {
        self.overview = overview
        self.broker = broker?[FleetTopology.ticketQueue(overview.agentType)]
        deadTickets = broker?[FleetTopology.deadQueue(overview.agentType)].map { $0.ready + $0.unacknowledged }
    }

    var json: JSONValue {
        var parked = JSONObject()
        for (reason, steps) in overview.parked.sorted(by: { $0.key < $1.key }) { parked[reason] = .integer(steps) }
        return [
            "agent_type": .string(overview.agentType),
            "paused": overview.pause.map(HoldView.json) ?? .null,
            "ready": .integer(overview.ready), "dispatched": .integer(overview.dispatched),
            "running": .integer(overview.running), "parked": .integer(overview.parkedTotal),
            "parked_by_reason": .object(parked),
            "oldest_age_seconds": overview.oldestAge.map { .double($0) } ?? .null, "dead": .integer(overview.dead),
            "workers": .integer(overview.workers), "slots": .integer(overview.slots),
            "consumers": Self.number(broker?.consumers),
            "messages": Self.number(broker.map { $0.ready + $0.unacknowledged }),
            "dead_messages": Self.number(deadTickets), "rate_in": Self.rate(broker?.rateIn),
            "rate_out": Self.rate(broker?.rateOut),
        ]
    }

    static func table(_ rows: [QueueRow]) -> TextTable {
        let numbers = [
            "READY", "DISPATCHED", "RUNNING", "PARKED", "OLDEST", "DEAD", "SLOTS", "CONSUMERS", "IN/S", "OUT/S",
        ]
        var table = TextTable([.init("AGENT TYPE")] + numbers.map { .init($0, isNumeric: true) } + [.init("PAUSED")])
        for row in rows {
            let (overview, broker) = (row.overview, row.broker)
            table.add([
                overview.agentType, "\(overview.ready)", "\(overview.dispatched)", "\(overview.running)",
                "\(overview.parkedTotal)", overview.oldestAge.map(PlainText.age) ?? "-", "\(overview.dead)",
                "\(overview.slots)", broker.map { "\($0.consumers)" } ?? "?",
                broker.map { PlainText.rate($0.rateIn) } ?? "?",
                broker.map { PlainText.rate($0.rateOut) } ?? "?",
                overview.pause.map { "\($0.reason) (\($0.actor))" } ?? "",
            ])
        }
        return table
    }

    private static func number(_ value: Int?) -> JSONValue { value.map { .integer($0) } ?? .null }
    private static func rate(_ value: Double?) -> JSONValue { value.map { .double($0) } ?? .null }
}
