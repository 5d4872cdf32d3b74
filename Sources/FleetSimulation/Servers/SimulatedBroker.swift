import FleetCore
import Synchronization

/// RabbitMQ in memory: queues with priorities, consumers with a prefetch, deliveries that come back when a connection
/// ends. It may lose, double and reorder messages, restart, and forget everything.
final class SimulatedBroker: Sendable {
    struct Message {
        var body: [UInt8]
        var priority: UInt8
        var traceparent: String?
        var isRedelivered = false
    }

    fileprivate struct Consumer {
        var link: NetworkPath
        var queues: [String]
        var prefetch: Int
        var isConsuming = false
        var isConnected = false
        var generation = 0
        var nextTag: UInt64 = 0
        var unacknowledged: [UInt64: (queue: String, message: Message)] = [:]
        var output: AsyncStream<[ReceivedTicket]>.Continuation
    }

    fileprivate struct State {
        var queues: [String: [Message]] = [:]
        var consumers: [Int: Consumer] = [:]
        var nextConsumer = 0
        var turn = 0
        var duplicates = 0
        var losses = 0
        var isDisorderly = false
        var published = 0
    }

    private let state = Mutex(State())
    private let world: VirtualTime
    private let server: SimulatedServer
    private let dice: Dice
    private let acknowledgesAtOnce: Bool

    /// - Parameter acknowledgesAtOnce: a planted bug, see ``PlantedBug/acknowledgeBeforeCommit``.
    init(world: VirtualTime, server: SimulatedServer, dice: Dice, acknowledgesAtOnce: Bool) {
        self.acknowledgesAtOnce = acknowledgesAtOnce
        self.world = world
        self.server = server
        self.dice = dice
    }

    /// Messages in every queue, and with consumers.
    var held: Int {
        state.withLock { state in
            state.queues.values.reduce(0) { $0 + $1.count }
                + state.consumers.values.reduce(0) { $0 + $1.unacknowledged.count }
        }
    }

    /// Tickets that were ever taken in.
    var published: Int { state.withLock { $0.published } }

    // MARK: Faults

    /// The connections break, and every message is gone: tickets are not persistent.
    func goDown() {
        server.setUp(false)
        state.withLock { state in
            for id in state.consumers.keys.sorted() { state.disconnect(id) }
            state.queues = [:]
        }
    }

    func comeBack() {
        server.setUp(true)
        connectAll()
    }

    func lose(_ count: Int) { state.withLock { $0.losses += count } }
    func stopLosing() { state.withLock { $0.losses = 0 } }
    func duplicate(_ count: Int) { state.withLock { $0.duplicates += count } }
    func disorder(_ isDisorderly: Bool) { state.withLock { $0.isDisorderly = isDisorderly } }

    // MARK: Publishing

    func publish(_ tickets: [Ticket]) {
        state.withLock { state in
            for ticket in tickets {
                state.published += 1
                if state.losses > 0 {
                    state.losses -= 1
                    continue
                }
                let message = Message(
                    body: Array(ticket.json.utf8), priority: ticket.priority.brokerPriority,
                    traceparent: ticket.traceparent)
                let queue = ticket.agentType
                state.put(message, into: queue)
                if state.duplicates > 0 {
                    state.duplicates -= 1
                    state.put(message, into: queue)
                }
            }
        }
        deliver()
    }

    func depths(of types: [String]) -> [String: Int] {
        state.withLock { state in
            Dictionary(uniqueKeysWithValues: types.map { ($0, state.queues[$0]?.count ?? 0) })
        }
    }

    // MARK: Consuming

    func addConsumer(
        _ link: NetworkPath, queues: [String], prefetch: Int, _ output: AsyncStream<[ReceivedTicket]>.Continuation
    ) -> Int {
        state.withLock { state in
            state.nextConsumer += 1
            state.consumers[state.nextConsumer] = Consumer(
                link: link, queues: queues, prefetch: prefetch, output: output)
            return state.nextConsumer
        }
    }

    /// The connection of a process is gone, with what it had not acknowledged.
    func removeConsumer(_ id: Int) {
        let output = state.withLock { state in
            state.disconnect(id)
            return state.consumers.removeValue(forKey: id)?.output
        }
        output?.finish()
        deliver()
    }

    /// Cut off for longer than the heartbeats: the broker gives its deliveries to others.
    func dropConnection(_ id: Int) {
        state.withLock { $0.disconnect(id) }
        deliver()
    }

    func isConsuming(_ id: Int) -> Bool { state.withLock { $0.consumers[id]?.isConsuming ?? false } }

    func setConsuming(_ id: Int, _ isConsuming: Bool) {
        state.withLock { $0.consumers[id]?.isConsuming = isConsuming }
        connectAll()
    }

    func acknowledge(_ id: Int, _ deliveries: [DeliveryID]) {
        state.withLock { state in
            for delivery in deliveries where state.consumers[id]?.generation == delivery.generation {
                state.consumers[id]?.unacknowledged[delivery.tag] = nil
            }
        }
        deliver()
    }

    func requeue(_ id: Int, _ deliveries: [DeliveryID]) {
        state.withLock { state in
            for delivery in deliveries where state.consumers[id]?.generation == delivery.generation {
                guard let (queue, message) = state.consumers[id]?.unacknowledged.removeValue(forKey: delivery.tag)
                else { continue }
                state.putBack(message, into: queue)
            }
        }
        deliver()
    }

    /// Connects whoever can be: the client library's recovery.
    func connectAll() {
        state.withLock { state in
            for id in state.consumers.keys where state.consumers[id]?.link.isOpen ?? false {
                state.consumers[id]?.isConnected = true
            }
        }
        deliver()
    }

    /// Hands messages out, one consumer after another, as far as their prefetch goes.
    private func deliver() {
        let isDisorderly = state.withLock { $0.isDisorderly }
        let handedOut = state.withLock { state -> [(Int, ReceivedTicket)] in
            var handedOut: [(Int, ReceivedTicket)] = []
            for queue in state.queues.keys.sorted() {
                let ids = state.consumers.keys.sorted().filter { state.consumers[$0]?.queues.contains(queue) ?? false }
                guard !ids.isEmpty else { continue }
                var refusals = 0
                while refusals < ids.count, !(state.queues[queue]?.isEmpty ?? true) {
                    state.turn += 1
                    let id = ids[state.turn % ids.count]
                    guard state.hasRoom(id, queue) else {
                        refusals += 1
                        continue
                    }
                    refusals = 0
                    let count = state.queues[queue]?.count ?? 1
                    let index = isDisorderly ? dice.int(in: 0...count - 1) : 0
                    guard let message = state.queues[queue]?.remove(at: index) else { break }
                    handedOut.append((id, state.hand(message, from: queue, to: id)))
                }
            }
            return handedOut
        }
        for (id, ticket) in handedOut {
            let latency = server.latency
            world.after(dice.duration(latency.lowerBound, latency.upperBound)) { self.arrive(ticket, at: id) }
        }
    }

    private func arrive(_ ticket: ReceivedTicket, at id: Int) {
        let output = state.withLock { state -> AsyncStream<[ReceivedTicket]>.Continuation? in
            guard state.consumers[id]?.generation == ticket.delivery.generation else { return nil }
            if acknowledgesAtOnce { state.consumers[id]?.unacknowledged[ticket.delivery.tag] = nil }
            return state.consumers[id]?.output
        }
        output?.yield([ticket])
    }
}

extension SimulatedBroker.State {
    fileprivate mutating func put(_ message: SimulatedBroker.Message, into queue: String) {
        var messages = queues[queue] ?? []
        let index = messages.firstIndex { $0.priority < message.priority } ?? messages.endIndex
        messages.insert(message, at: index)
        queues[queue] = messages
    }

    fileprivate mutating func putBack(_ message: SimulatedBroker.Message, into queue: String) {
        var message = message
        message.isRedelivered = true
        put(message, into: queue)
    }

    fileprivate func hasRoom(_ id: Int, _ queue: String) -> Bool {
        guard let consumer = consumers[id], consumer.isConnected, consumer.isConsuming, consumer.link.isOpen else {
            return false
        }
        return consumer.unacknowledged.values.count { $0.queue == queue } < consumer.prefetch
    }

    fileprivate mutating func hand(
        _ message: SimulatedBroker.Message, from queue: String, to id: Int
    ) -> ReceivedTicket {
        let tag = (consumers[id]?.nextTag ?? 0) + 1
        consumers[id]?.nextTag = tag
        consumers[id]?.unacknowledged[tag] = (queue, message)
        return ReceivedTicket(
            delivery: DeliveryID(generation: consumers[id]?.generation ?? 0, tag: tag), queue: queue,
            body: message.body, isRedelivered: message.isRedelivered, brokerPriority: message.priority,
            traceparent: message.traceparent)
    }

    /// What was not acknowledged goes back and is marked as redelivered.
    fileprivate mutating func disconnect(_ id: Int) {
        guard let consumer = consumers[id] else { return }
        consumers[id]?.isConnected = false
        consumers[id]?.generation += 1
        consumers[id]?.unacknowledged = [:]
        for tag in consumer.unacknowledged.keys.sorted() {
            guard let (queue, message) = consumer.unacknowledged[tag] else { continue }
            putBack(message, into: queue)
        }
    }
}
