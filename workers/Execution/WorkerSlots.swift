import FleetCore

/// A worker's places and the tickets that wait for one: pure bookkeeping.
struct WorkerSlots {
    /// A ticket that was read, with its delivery.
    struct Pending: Sendable {
        var stepID: Int
        var delivery: DeliveryID
        var isRedelivered: Bool
        /// Larger is sooner.
        var priority: UInt8
        /// Of the message; nil if it has none.
        var traceparent: String?
    }

    /// A redelivered ticket whose step is held by a worker that may be dead.
    struct Suspect: Sendable {
        var ticket: Pending
        var lastHeartbeat: Int
        var rounds = 0
        var heartbeatsSeen = 0
    }

    /// Heartbeats that prove a holder alive. One does not: it may have been on its way when its sender died.
    private static let provingHeartbeats = 2
    /// Rounds after which a ticket is forgotten in any case, and the holder's lease decides.
    private static let maximumRounds = 20

    let total: Int
    private(set) var running = 0
    /// The most urgent first, and among equals in the order of their arrival.
    private(set) var pending: [Pending] = []
    private(set) var suspects: [Int: Suspect] = [:]
    private(set) var demand = TicketDemand.all
    private var wasStarved = false
    private var wasIdle = false
    private var isDraining = false
    /// Tickets that may wait here although every place is taken, so that a place that becomes free does not have to wait
    /// for the broker.
    private let cushion: Int
    /// Queues that the tickets come from.
    private let queues: Int

    init(total: Int, queues: Int = 1) {
        self.total = total
        self.queues = max(1, queues)
        cushion = min(max(1, total / 8), 64)
    }

    var free: Int { total - running }

    mutating func add(_ tickets: [Pending]) {
        for ticket in tickets {
            let place = pending.lastIndex { $0.priority >= ticket.priority }
            pending.insert(ticket, at: place.map { $0 + 1 } ?? 0)
        }
    }

    /// Takes as many tickets as there are places, at most `limit`, and occupies the places.
    mutating func take(limit: Int) -> [Pending] {
        guard !isDraining else { return [] }
        let count = min(pending.count, free, limit)
        guard count > 0 else { return [] }
        let batch = Array(pending.prefix(count))
        pending.removeFirst(count)
        running += count
        return batch
    }

    mutating func release(_ count: Int = 1) {
        running -= count
        // As soon as the cushion is used up: who waited longer would leave places empty.
        if demand == .none, !isDraining, pending.isEmpty { demand = .few((cushion + queues - 1) / queues) }
    }

    /// Remembers a ticket whose holder is suspect; false if it can be forgotten: its holder has proven alive since, or another ticket of
    /// the same step is remembered.
    mutating func suspect(_ ticket: Pending, lastHeartbeat: Int) -> Bool {
        guard var suspect = suspects[ticket.stepID] else {
            suspects[ticket.stepID] = Suspect(ticket: ticket, lastHeartbeat: lastHeartbeat)
            return true
        }
        guard suspect.ticket.delivery == ticket.delivery else { return false }
        suspect.rounds += 1
        suspect.heartbeatsSeen += suspect.lastHeartbeat == lastHeartbeat ? 0 : 1
        suspect.lastHeartbeat = lastHeartbeat
        let isOpen = suspect.heartbeatsSeen < Self.provingHeartbeats && suspect.rounds <= Self.maximumRounds
        suspects[ticket.stepID] = isOpen ? suspect : nil
        return isOpen
    }

    /// Nobody suspects the holder of a ticket's step any more. Returns the delivery of the ticket that was remembered for it, if that
    /// is another one: nobody else will acknowledge it.
    mutating func clearSuspect(_ ticket: Pending) -> DeliveryID? {
        guard let earlier = suspects.removeValue(forKey: ticket.stepID)?.ticket.delivery else { return nil }
        return earlier == ticket.delivery ? nil : earlier
    }

    /// Tickets of suspects that are not being asked about right now go back in line.
    mutating func recheckSuspects() {
        let waiting = Set(pending.map(\.stepID))
        add(suspects.values.map(\.ticket).filter { !waiting.contains($0.stepID) })
    }

    /// Decides how much to consume: nothing while it was full for a whole tick and more tickets waited than it keeps, which
    /// others could have; everything if it had places free for a whole tick. Returns the tickets to give back, the least urgent.
    mutating func tick() -> [DeliveryID] {
        let isStarved = free == 0 && pending.count > cushion
        let isIdle = free > 0 && pending.isEmpty
        defer { (wasStarved, wasIdle) = (isStarved, isIdle) }
        if demand != .none, isStarved, wasStarved {
            demand = .none
            let surplus = pending.dropFirst(cushion).map(\.delivery)
            pending.removeLast(surplus.count)
            return surplus
        }
        if demand != .all, !isDraining, isIdle, wasIdle { demand = .all }
        return []
    }

    /// No more work: returns the tickets to give back.
    mutating func drain() -> [DeliveryID] {
        isDraining = true
        demand = .none
        let surplus = Set((pending + suspects.values.map(\.ticket)).map(\.delivery))
        pending = []
        suspects = [:]
        return Array(surplus)
    }
}
