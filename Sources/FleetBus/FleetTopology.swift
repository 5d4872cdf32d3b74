public import AMQPClient

/// The broker's names, and what is declared for them. Everything is declared explicitly, so that RabbitMQ 3.10 to 4.x
/// behave alike; all of it comes back by itself after the broker lost its data.
public enum FleetTopology {
    /// Tickets refused by workers, or dead-lettered by the broker.
    static let deadExchange = "fleet.dead"
    /// Task events; routing key `task.<task_id>`.
    static let eventExchange = "fleet.events"
    /// Hints to the schedulers; not durable, short, oldest dropped.
    static let wakeQueue = "fleet.wake"

    /// The ticket queue of an agent type.
    public static func ticketQueue(_ agentType: String) -> String { "agent.\(agentType)" }

    /// The queue that collects the dead tickets of an agent type.
    public static func deadQueue(_ agentType: String) -> String { "agent.\(agentType).dead" }

    /// What a scheduler or worker has to declare for these agent types.
    public static func topology(agentTypes: [String]) -> AMQPTopology {
        AMQPTopology(
            exchanges: [
                AMQPExchange(name: deadExchange, kind: "direct"), AMQPExchange(name: eventExchange, kind: "topic"),
            ],
            queues: agentTypes.flatMap { [declaration(of: $0), AMQPQueue(name: deadQueue($0), isDurable: true)] } + [
                wakeDeclaration
            ],
            bindings: agentTypes.map {
                AMQPBinding(queue: deadQueue($0), exchange: deadExchange, routingKey: ticketQueue($0))
            })
    }

    /// Classic and durable: quorum queues have no priorities before RabbitMQ 4, and a lost ticket costs nothing.
    static func declaration(of agentType: String) -> AMQPQueue {
        AMQPQueue(
            name: ticketQueue(agentType), isDurable: true,
            arguments: [
                "x-max-priority": 5, "x-dead-letter-exchange": .string(deadExchange),
                "x-dead-letter-routing-key": .string(ticketQueue(agentType)),
            ])
    }

    static let wakeDeclaration = AMQPQueue(
        name: wakeQueue, isDurable: false, arguments: ["x-max-length": 100, "x-overflow": "drop-head"])
}
