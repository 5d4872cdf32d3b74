/// Keeps a connection's topology declared: each part on its own, so that what the broker refuses keeps nothing else
/// from being there, and what was refused again after a while.
struct TopologyKeeper {
    let topology: AMQPTopology
    private(set) var book = RefusalBook()
    /// What is there without being as declared, or without our right to declare it: looked at from then on.
    private var foreign: Set<AMQPRefusal.Subject> = []

    init(_ topology: AMQPTopology) {
        self.topology = topology
    }

    /// For what its role is refused beside the topology.
    mutating func note(_ subject: AMQPRefusal.Subject, _ error: AMQPError?) {
        if let error { book.noteTrouble(subject, error) } else { book.noteDone(subject) }
    }

    /// Declares everything on a channel that is open and stays open.
    mutating func declareAll(_ connection: BrokerConnection, on channel: UInt16) throws(AMQPError) {
        book.connected()
        foreign = []
        for exchange in topology.exchanges { try ensure(exchange, connection, channel) }
        for queue in topology.queues { _ = try ensure(queue, connection, channel) }
        for binding in topology.bindings { try ensure(binding, connection, channel) }
    }

    /// Asks again for what was refused, if it is time.
    mutating func retry(_ connection: BrokerConnection, on channel: UInt16) throws(AMQPError) {
        let now = Instant.now
        guard book.nextAttempt <= now else { return }
        for exchange in topology.exchanges where isDue(.exchange(exchange.name), now) {
            try ensure(exchange, connection, channel)
            for binding in topology.bindings where binding.exchange == exchange.name {
                try ensure(binding, connection, channel)
            }
        }
        for queue in topology.queues where isDue(.queue(queue.name), now) {
            if case .success = try ensure(queue, connection, channel) { try bind(queue.name, connection, channel) }
        }
        for binding in topology.bindings where isDue(.binding(binding), now) {
            try ensure(binding, connection, channel)
        }
    }

    /// Declares a queue that may have been deleted, with what belongs to it.
    ///
    /// - Returns: the verdict that stands for it, nil if it is there.
    mutating func restore(
        _ name: String, _ connection: BrokerConnection, on channel: UInt16
    ) throws(AMQPError) -> AMQPError? {
        guard let queue = topology.queues.first(where: { $0.name == name }) else { return nil }
        if case .failure(let error) = try ensure(queue, connection, channel) { return error }
        let names = topology.bindings.filter { $0.queue == name }.map(\.exchange)
        for exchange in topology.exchanges where names.contains(exchange.name) {
            try ensure(exchange, connection, channel)
        }
        try bind(name, connection, channel)
        return nil
    }

    /// How a queue stands. One of the topology is made if it is not there, and used as it is if it differs.
    mutating func status(
        of queue: AMQPQueue, _ connection: BrokerConnection, on channel: UInt16
    ) throws(AMQPError) -> Result<AMQPQueueStatus, AMQPError> {
        guard topology.queues.contains(queue) else {
            return try reopening(connection, channel, try connection.declare(queue, on: channel))
        }
        return try ensure(queue, connection, channel)
    }

    /// - Returns: the verdict that stands for a queue, nil if nothing is known against it.
    func verdict(_ queue: String) -> AMQPError? { book.standing(.queue(queue), at: .now) }

    private func isDue(_ subject: AMQPRefusal.Subject, _ now: Instant) -> Bool {
        book.nextAttempt(subject).map { $0 <= now } ?? false
    }

    // MARK: - One part

    private mutating func ensure(
        _ exchange: AMQPExchange, _ connection: BrokerConnection, _ channel: UInt16
    ) throws(AMQPError) {
        let subject = AMQPRefusal.Subject.exchange(exchange.name)
        guard book.standing(subject, at: .now) == nil else { return }
        let failure = try asking(subject) { () throws(AMQPError) in try connection.declare(exchange, on: channel) }
        guard let error = failure?.error else { return book.noteDone(subject) }
        try connection.openChannel(channel)
        if error.mayBeThere {
            if try connection.declare(exchange, isPassive: true, on: channel) == nil {
                return noteForeign(subject, error, complains: true)
            }
            try connection.openChannel(channel)
        }
        book.noteRefused(subject, error, at: .now)
    }

    private mutating func ensure(
        _ queue: AMQPQueue, _ connection: BrokerConnection, _ channel: UInt16
    ) throws(AMQPError) -> Result<AMQPQueueStatus, AMQPError> {
        let subject = AMQPRefusal.Subject.queue(queue.name)
        if let error = book.standing(subject, at: .now) { return .failure(error) }
        if foreign.contains(subject) {
            let seen = try reopening(connection, channel, try connection.declare(queue, isPassive: true, on: channel))
            if case .success = seen { return seen }
            foreign.remove(subject)
        }
        let first = try asking(subject) { () throws(AMQPError) in try connection.declare(queue, on: channel) }
        guard case .failure(let error) = first else {
            book.noteDone(subject)
            return first
        }
        try connection.openChannel(channel)
        guard error.mayBeThere else {
            book.noteRefused(subject, error, at: .now)
            return first
        }
        if queue.ifDifferent == .replaceUnused, error.code == .preconditionFailed,
            case .success = try reopening(
                connection, channel, try connection.delete(queue.name, ifUnused: true, on: channel)),
            case .success(let status) = try reopening(connection, channel, try connection.declare(queue, on: channel))
        {
            book.noteDone(subject)
            return .success(status)
        }
        let passive = try reopening(connection, channel, try connection.declare(queue, isPassive: true, on: channel))
        switch passive {
        case .success:
            noteForeign(subject, error, complains: queue.ifDifferent == .complain)
            return passive
        case .failure:
            book.noteRefused(subject, error, at: .now)
            return first
        }
    }

    private mutating func ensure(
        _ binding: AMQPBinding, _ connection: BrokerConnection, _ channel: UInt16
    ) throws(AMQPError) {
        let subject = AMQPRefusal.Subject.binding(binding)
        let now = Instant.now
        // What it binds is refused, which is told already; that comes first.
        guard book.standing(.queue(binding.queue), at: now) == nil,
            book.standing(.exchange(binding.exchange), at: now) == nil
        else { return book.noteDone(subject) }
        guard book.standing(subject, at: now) == nil else { return }
        let failure = try asking(subject) { () throws(AMQPError) in try connection.bind(binding, on: channel) }
        guard let error = failure?.error else { return book.noteDone(subject) }
        try connection.openChannel(channel)
        // Who may not declare the queue need not bind it either; whether it is bound nobody tells.
        if error.code == .accessRefused, foreign.contains(.queue(binding.queue)) { return book.noteDone(subject) }
        book.noteRefused(subject, error, at: .now)
    }

    /// A right that is not needed is nobody's trouble; other properties may be.
    private mutating func noteForeign(_ subject: AMQPRefusal.Subject, _ error: AMQPError, complains: Bool) {
        foreign.insert(subject)
        if complains, error.code != .accessRefused {
            book.noteForeign(subject, error)
        } else {
            book.noteDone(subject)
        }
    }

    private mutating func bind(
        _ queue: String, _ connection: BrokerConnection, _ channel: UInt16
    ) throws(AMQPError) {
        for binding in topology.bindings where binding.queue == queue { try ensure(binding, connection, channel) }
    }

    /// Remembers what the broker closes the connection for.
    private mutating func asking<Value>(
        _ subject: AMQPRefusal.Subject, _ body: () throws(AMQPError) -> Value
    ) throws(AMQPError) -> Value {
        do {
            return try body()
        } catch {
            if error.isConnectionVerdict { book.noteConnectionLost(subject, error, at: .now) }
            throw error
        }
    }

    private func reopening<Value>(
        _ connection: BrokerConnection, _ channel: UInt16, _ result: Result<Value, AMQPError>
    ) throws(AMQPError) -> Result<Value, AMQPError> {
        if case .failure = result { try connection.openChannel(channel) }
        return result
    }
}

extension AMQPError {
    /// Refused, though it may be there: with other properties, or made by somebody who has the right.
    fileprivate var mayBeThere: Bool { code == .preconditionFailed || code == .accessRefused }
}
