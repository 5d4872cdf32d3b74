/// An argument of a declaration.
public enum AMQPValue: Sendable, Equatable {
    case string(String)
    case int(Int64)
    case bool(Bool)
}

extension AMQPValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral {
    /// Text.
    public init(stringLiteral value: String) { self = .string(value) }
    /// A whole number.
    public init(integerLiteral value: Int64) { self = .int(value) }
    /// True or false.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
}

/// An exchange to declare.
public struct AMQPExchange: Sendable, Equatable {
    /// Unique in the virtual host.
    public var name: String
    /// `direct`, `topic`, `fanout` or `headers`.
    public var kind: String
    /// Survives a restart of the broker.
    public var isDurable: Bool

    /// An exchange; direct and durable unless said otherwise.
    public init(name: String, kind: String = "direct", isDurable: Bool = true) {
        self.name = name
        self.kind = kind
        self.isDurable = isDurable
    }
}

/// A queue to declare.
public struct AMQPQueue: Sendable, Equatable {
    /// What to do with a queue of that name that has other properties.
    public enum Difference: Sendable, Equatable {
        /// It is used as it is, and told as a refusal.
        case complain
        /// It is used as it is.
        case adopt
        /// It is replaced if nobody consumes it, else used as it is.
        case replaceUnused
    }

    /// Unique in the virtual host.
    public var name: String
    /// Survives a restart of the broker, with its persistent messages.
    public var isDurable: Bool
    /// Deleted when its last consumer ends.
    public var isAutoDelete: Bool
    /// Only for the connection that declares it, and deleted with that connection.
    public var isExclusive: Bool
    /// `x-max-priority`, `x-dead-letter-exchange` and the like.
    public var arguments: [String: AMQPValue]
    /// For the topology of a connection.
    public var ifDifferent: Difference

    /// A queue; durable and shared unless said otherwise.
    public init(
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
public struct AMQPBinding: Sendable, Hashable {
    /// Where messages go.
    public var queue: String
    /// Where they come from.
    public var exchange: String
    /// Which of them; its meaning depends on the exchange's kind.
    public var routingKey: String

    /// A route.
    public init(queue: String, exchange: String, routingKey: String) {
        self.queue = queue
        self.exchange = exchange
        self.routingKey = routingKey
    }
}

/// Everything a connection declares after it is established, first and every later time, before it publishes or
/// consumes. A broker that lost its data gets it back this way.
public struct AMQPTopology: Sendable, Equatable {
    /// Declared first.
    public var exchanges: [AMQPExchange]
    /// Declared second.
    public var queues: [AMQPQueue]
    /// Declared last.
    public var bindings: [AMQPBinding]

    /// A topology; empty unless said otherwise.
    public init(exchanges: [AMQPExchange] = [], queues: [AMQPQueue] = [], bindings: [AMQPBinding] = []) {
        self.exchanges = exchanges
        self.queues = queues
        self.bindings = bindings
    }
}

/// What the broker says of a queue when it is declared.
public struct AMQPQueueStatus: Sendable, Equatable {
    /// As declared, or as the broker chose it for an empty name.
    public let name: String
    /// Messages ready for delivery; those delivered and not yet acknowledged do not count.
    public let messageCount: Int
    /// Subscriptions of all connections.
    public let consumerCount: Int
}
