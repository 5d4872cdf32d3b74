/// An argument of a declaration.
package enum AMQPValue: Sendable, Equatable {
    case string(String)
    case int(Int64)
    case bool(Bool)
}

extension AMQPValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral {
    /// Text.
    package init(stringLiteral value: String) { self = .string(value) }
    /// A whole number.
    package init(integerLiteral value: Int64) { self = .int(value) }
    /// True or false.
    package init(booleanLiteral value: Bool) { self = .bool(value) }
}

/// An exchange to declare.
package struct AMQPExchange: Sendable, Equatable {
    /// Unique in the virtual host.
    package var name: String
    /// `direct`, `topic`, `fanout` or `headers`.
    package var kind: String
    /// Survives a restart of the broker.
    package var isDurable: Bool

    /// An exchange; direct and durable unless said otherwise.
    package init(name: String, kind: String = "direct", isDurable: Bool = true) {
        self.name = name
        self.kind = kind
        self.isDurable = isDurable
    }
}

/// A queue to declare.
package struct AMQPQueue: Sendable, Equatable {
    /// What to do with a queue of that name that has other properties.
    package enum Difference: Sendable, Equatable {
        /// It is used as it is, and told as a refusal.
        case complain
        /// It is used as it is.
        case adopt
        /// It is replaced, with its messages, if nobody consumes it, else used as it is: for hints, which may be lost.
        case replaceUnused
    }

    /// Unique in the virtual host.
    package var name: String
    /// Survives a restart of the broker, with its persistent messages.
    package var isDurable: Bool
    /// Deleted when its last consumer ends.
    package var isAutoDelete: Bool
    /// Only for the connection that declares it, and deleted with that connection.
    package var isExclusive: Bool
    /// `x-max-priority`, `x-dead-letter-exchange` and the like.
    package var arguments: [String: AMQPValue]
    /// For the topology of a connection.
    package var ifDifferent: Difference

    /// A queue; durable and shared unless said otherwise.
    package init(
        name: String, isDurable: Bool = true, isAutoDelete: Bool = false, isExclusive: Bool = false,
        arguments: [String: AMQPValue] = [:], ifDifferent: Difference = .complain
    ) {
        self.name = name
        self.isDurable = isDurable
        self.isAutoDelete = isAutoDelete
        self.isExclusive = isExclusive
        self.arguments = arguments
        self.ifDifferent = ifDifferent
    }
}

/// A route from an exchange to a queue.
package struct AMQPBinding: Sendable, Hashable {
    /// Where messages go.
    package var queue: String
    /// Where they come from.
    package var exchange: String
    /// Which of them; its meaning depends on the exchange's kind.
    package var routingKey: String

    package init(queue: String, exchange: String, routingKey: String) {
        self.queue = queue
        self.exchange = exchange
        self.routingKey = routingKey
    }
}

/// Everything a connection declares after it is established, first and every later time, before it publishes or
/// consumes. A broker that lost its data gets it back this way.
package struct AMQPTopology: Sendable, Equatable {
    /// Declared first.
    package var exchanges: [AMQPExchange]
    /// Declared second.
    package var queues: [AMQPQueue]
    /// Declared last.
    package var bindings: [AMQPBinding]

    /// A topology; empty unless said otherwise.
    package init(exchanges: [AMQPExchange] = [], queues: [AMQPQueue] = [], bindings: [AMQPBinding] = []) {
        self.exchanges = exchanges
        self.queues = queues
        self.bindings = bindings
    }
}

/// What the broker says of a queue when it is declared.
package struct AMQPQueueStatus: Sendable, Equatable {
    /// As declared, or as the broker chose it for an empty name.
    package let name: String
    /// Messages ready for delivery; those delivered and not yet acknowledged do not count.
    package let messageCount: Int
    /// Subscriptions of all connections.
    package let consumerCount: Int
}
