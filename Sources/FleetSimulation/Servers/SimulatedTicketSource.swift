import FleetCore

/// A worker's way to the simulated broker.
final class SimulatedTicketSource: TicketSource {
    let tickets: AsyncStream<[ReceivedTicket]>
    private let broker: SimulatedBroker
    private let link: NetworkPath
    private let world: VirtualTime
    private let dice: Dice
    let consumer: Int

    init(
        broker: SimulatedBroker, link: NetworkPath, queues: [String], prefetch: Int, world: VirtualTime, dice: Dice
    ) {
        let output: AsyncStream<[ReceivedTicket]>.Continuation
        let stream: AsyncStream<[ReceivedTicket]>
        (stream, output) = AsyncStream.makeStream()
        self.broker = broker
        self.link = link
        self.world = world
        self.dice = dice
        let consumer = broker.addConsumer(link, queues: queues, prefetch: prefetch, output)
        self.consumer = consumer
        tickets = stream
    }

    /// A few are as many as possible here.
    func setConsuming(_ demand: TicketDemand) async {
        let consuming = demand != .none
        guard broker.isConsuming(consumer) != consuming else { return }
        _ = try? await link.call { self.broker.setConsuming(self.consumer, consuming) }
    }

    func acknowledge(_ deliveries: [DeliveryID]) { send { $0.acknowledge($1, deliveries) } }
    func requeue(_ deliveries: [DeliveryID]) { send { $0.requeue($1, deliveries) } }
    func reject(_ deliveries: [DeliveryID]) { send { $0.acknowledge($1, deliveries) } }

    /// Fire and forget, as an acknowledgement is: it arrives late if the network is cut for a while, and means nothing
    /// any more if the connection did not survive.
    private func send(
        isRepeated: Bool = false, _ effect: @escaping @Sendable (SimulatedBroker, Int) -> Void
    ) {
        let latency = link.server.latency
        let way = dice.duration(latency.lowerBound, latency.upperBound)
        world.after(isRepeated ? .milliseconds(200) : way) {
            guard self.link.process.isAlive else { return }
            if self.link.isOpen {
                effect(self.broker, self.consumer)
            } else {
                self.send(isRepeated: true, effect)
            }
        }
    }
}
