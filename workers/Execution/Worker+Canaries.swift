import FleetCore
import Logging
import Synchronization

/// Canaries: what they ask for and what they tell.
extension Worker {
    /// Agent types from whose queues nothing comes although canaries go by.
    package var deafTo: [String] { state.withLock { $0.hearing.deafTo } }

    /// Acknowledges canaries at once, whatever the worker is at: they take no place.
    ///
    /// - Returns: all others.
    func answerCanaries(in batch: [ReceivedTicket]) -> [ReceivedTicket] {
        let now = time.now
        var (tickets, canaries): ([ReceivedTicket], [DeliveryID]) = ([], [])
        tickets.reserveCapacity(batch.count)
        state.withLock { state in
            for ticket in batch {
                // A canary is of the highest priority: the bodies of tickets are not read for it.
                guard ticket.brokerPriority == Canary.brokerPriority, let canary = Canary(ticket.body) else {
                    state.hearing.heard(ticket.agentType, at: now)
                    tickets.append(ticket)
                    continue
                }
                state.hearing.heard(canary.agentType, canary: canary.number, at: now)
                canaries.append(ticket.delivery)
            }
        }
        source.acknowledge(canaries)
        return tickets
    }

    /// What was heard, if it is time to tell.
    func hearingToReport() -> [String: QueueHearing]? {
        let now = time.now
        return state.withLock { state in
            if state.isDraining || state.slots.demand != .all || state.slots.free == 0 { state.hearing.rest(at: now) }
            // The times are the database's: they have to be known.
            guard let clock = state.databaseClock else { return nil }
            return state.hearing.report(at: now) { clock($0) }
        }
    }

    /// - Returns: whether the worker has to subscribe again.
    func learn(_ news: [CanaryNews]) -> Bool {
        let now = time.now
        let (mustSubscribe, types) = state.withLock { state in
            (state.hearing.learn(news, at: now) && !state.isDraining, state.hearing.deafTo)
        }
        if mustSubscribe {
            logger.warning(
                "canaries go by: subscribing to the queues again",
                metadata: ["agent_types": "\(types.joined(separator: ","))"])
        }
        return mustSubscribe
    }
}

extension Worker.State {
    /// The database's clock as far as it is known.
    var databaseClock: DatabaseClock? {
        databaseTime.map { DatabaseClock(time: $0, heardAt: databaseTimeHeardAt) }
    }
}

/// Turns moments of this process into the database's time, in microseconds since 1970.
struct DatabaseClock: Sendable {
    /// As last heard, and when.
    let time: Int
    let heardAt: Duration

    func callAsFunction(_ moment: Duration) -> Int { time + Int((moment - heardAt) / .microseconds(1)) }
}
