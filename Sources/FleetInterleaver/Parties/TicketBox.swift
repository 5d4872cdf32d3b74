import FleetCore
import FleetTesting
import Synchronization

/// The broker: tickets that were published and not taken yet. It keeps no order and delivers now and then twice.
final class TicketBox: Sendable {
    /// Chance that a ticket is delivered once more.
    private let redelivery: Double
    private let tickets = Mutex<[ClaimRequest]>([])

    init(redelivery: Double) {
        self.redelivery = redelivery
    }

    func put(_ ids: [Int], isRedelivered: Bool = false) {
        tickets.withLock { $0 += ids.map { ClaimRequest(stepID: $0, isRedelivered: isRedelivered) } }
    }

    func take(atMost limit: Int, using generator: inout SeededGenerator) -> [ClaimRequest] {
        tickets.withLock { tickets in
            var taken: [ClaimRequest] = []
            while taken.count < limit, !tickets.isEmpty {
                let ticket = tickets.remove(at: Int.random(in: 0..<tickets.count, using: &generator))
                taken.append(ticket)
                if Double.random(in: 0..<1, using: &generator) < redelivery {
                    tickets.append(ClaimRequest(stepID: ticket.stepID, isRedelivered: true))
                }
            }
            return taken
        }
    }

    var count: Int { tickets.withLock { $0.count } }
}
