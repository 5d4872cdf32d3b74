/// What a connection is for: publishing or consuming. A ``ConnectionLoop`` drives it on its thread.
///
/// `handle` and `expire` are called at any time; `work`, `receive` and `flush` only between `connected` and
/// `disconnected`. An error thrown means that the connection is useless.
protocol ConnectionRole: SendableMetatype {
    associatedtype Command: Sendable

    /// Takes a command in, without any I/O.
    mutating func handle(_ command: Command)

    /// Sets up channels, topology and consumers.
    mutating func connected(_ connection: BrokerConnection) throws(AMQPError)

    /// What the broker does not do for this connection.
    var refusals: RefusalBook { get }

    /// Does what waits to be done on the connection.
    mutating func work(_ connection: BrokerConnection, isBlocked: Bool) throws(AMQPError) -> Demand

    mutating func receive(_ frame: InboundFrame, from connection: BrokerConnection) throws(AMQPError)

    /// Hands over what was received.
    mutating func flush()

    /// The connection is gone and with it everything it numbered.
    mutating func disconnected()

    /// When to call `expire` or `work` next, if nothing else happens before.
    var nextDeadline: Instant { get }

    /// Fails what waited too long.
    ///
    /// - Parameter cause: what held it up.
    mutating func expire(_ now: Instant, cause: AMQPError)

    /// Resumes everybody who waits.
    mutating func close(_ error: AMQPError)
}

/// What a role waits for before it can go on.
enum Demand {
    /// Commands or frames.
    case input
    /// Room in the socket.
    case room
    /// Nothing: there is more to do.
    case nothing
}

/// What the loop finds in its mailbox.
enum LoopCommand<Command: Sendable>: Sendable {
    case start
    case stop
    case role(Command)
}
