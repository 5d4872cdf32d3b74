/// An argument of a declaration.
public enum AMQPValue: Sendable, Equatable {
    case string(String)
    case int(Int64)
    case bool(Bool)
}

extension AMQPValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral {
    public init(stringLiteral value: String) { self = .string(value) }
    public init(integerLiteral value: Int64) { self = .int(value) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
}

/// An exchange to declare.
public struct AMQPExchange: Sendable, Equatable {
    public var name: String
    /// `direct`, `topic`, `fanout` or `headers`.
    public var kind: String
    public var isDurable: Bool

    public init(name: String, kind: String = "direct", isDurable: Bool = true) {
        self.name = name
        self.kind = kind
        self.isDurable = isDurable
    }
}

/// A queue to declare.
public struct AMQPQueue: Sendable, Equatable {
    public var name: String
    public var isDurable: Bool
    public var isAutoDelete: Bool
    public var isExclusive: Bool
    /// `x-max-priority`, `x-dead-letter-exchange` and the like.
    public var arguments: [String: AMQPValue]

    public init(
        name: String, isDurable: Bool = true, isAutoDelete: Bool = false, isExclusive: Bool = false,
        arguments: [String: AMQPValue] = [:]
    ) {
        self.name = name
        self.isDurable = isDurable
        self.isAutoDelete = isAutoDelete
        self.isExclusive = isExclusive
        self.arguments = arguments
    }
}

/// A route from an exchange to a queue.
public struct AMQPBinding: Sendable, Equatable {
    public var queue: String
    public var exchange: String
    public var routingKey: String

    public init(queue: String, exchange: String, routingKey: String) {
        self.queue = queue
        self.exchange = exchange
        self.routingKey = routingKey
    }
}

/// Everything a connection declares after it is established, first and every later time, before it publishes or
/// consumes. A broker that lost its data gets it back this way.
public struct AMQPTopology: Sendable, Equatable {
    public var exchanges: [AMQPExchange]
    public var queues: [AMQPQueue]
    public var bindings: [AMQPBinding]

    public init(exchanges: [AMQPExchange] = [], queues: [AMQPQueue] = [], bindings: [AMQPBinding] = []) {
        self.exchanges = exchanges
        self.queues = queues
        self.bindings = bindings
    }

    /// The part that a queue needs: the queue, its bindings and their exchanges.
    func part(of queue: String) -> AMQPTopology {
        let bindings = bindings.filter { $0.queue == queue }
        return AMQPTopology(
            exchanges: exchanges.filter { exchange in bindings.contains { $0.exchange == exchange.name } },
            queues: queues.filter { $0.name == queue }, bindings: bindings)
    }
}

/// What the broker says of a queue when it is declared.
public struct AMQPQueueStatus: Sendable, Equatable {
    public let name: String
    /// Messages ready for delivery; those delivered and not yet acknowledged do not count.
    public let messageCount: Int
    public let consumerCount: Int
}
