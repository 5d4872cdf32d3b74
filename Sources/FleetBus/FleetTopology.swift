package import AMQPClient

/// The broker's names, and what is declared for them. Everything is declared explicitly, so that RabbitMQ 3.10 to 4.x
/// behave alike, whatever the virtual host's default queue type is; all of it comes back by itself after the broker lost
/// its data.
package enum FleetTopology {
    /// Tickets refused by workers, or dead-lettered by the broker.
    static let deadExchange = "fleet.dead"
    /// Task events; routing key `task.<task_id>`.
    static let eventExchange = "fleet.events"
    /// Whoever listens binds this key: announcements are made while the broker finds somebody by it. No task's id is so.
    static let listenerKey = "task.listeners"
    /// Hints to the schedulers; short, oldest dropped.
    static let wakeQueue = "fleet.wake"

    package static func ticketQueue(_ agentType: String) -> String { "agent.\(agentType)" }

    /// The queue that collects the dead tickets of an agent type.
    package static func deadQueue(_ agentType: String) -> String { "agent.\(agentType).dead" }

    /// What a scheduler or worker has to declare for these agent types.
    package static func topology(agentTypes: [String]) -> AMQPTopology {
        AMQPTopology(
            exchanges: [
                AMQPExchange(name: deadExchange, kind: "direct"), AMQPExchange(name: eventExchange, kind: "topic"),
            ],
            queues: agentTypes.flatMap { [declaration(of: $0), deadDeclaration(of: $0)] },
            bindings: agentTypes.map {
                AMQPBinding(queue: deadQueue($0), exchange: deadExchange, routingKey: ticketQueue($0))
            })
    }

    /// What a sender of nudges has to declare. A queue of before, which is not durable, does as well.
    package static let wakeTopology = AMQPTopology(queues: [wakeDeclaration(.adopt)])

    /// What who hears the nudges has to declare. RabbitMQ 4.3 forbids queues that are shared and not durable, and does not
    /// start where one is left: that of before is replaced as soon as nobody uses it.
    package static let listenerTopology = AMQPTopology(queues: [wakeDeclaration(.replaceUnused)])

    /// Classic and durable: quorum queues take no priorities, and a lost ticket costs nothing.
    static func declaration(of agentType: String) -> AMQPQueue {
        AMQPQueue(
            name: ticketQueue(agentType), isDurable: true,
            arguments: [
                "x-queue-type": "classic", "x-max-priority": 5, "x-dead-letter-exchange": .string(deadExchange),
                "x-dead-letter-routing-key": .string(ticketQueue(agentType)),
            ])
    }

    /// Any queue does: where quorum is the default type, those of before have it.
    private static func deadDeclaration(of agentType: String) -> AMQPQueue {
        AMQPQueue(
            name: deadQueue(agentType), isDurable: true, arguments: ["x-queue-type": "classic"], ifDifferent: .adopt)
    }

    private static func wakeDeclaration(_ ifDifferent: AMQPQueue.Difference) -> AMQPQueue {
        AMQPQueue(
            name: wakeQueue, isDurable: true,
            arguments: ["x-queue-type": "classic", "x-max-length": 100, "x-overflow": "drop-head"],
            ifDifferent: ifDifferent)
    }
}
