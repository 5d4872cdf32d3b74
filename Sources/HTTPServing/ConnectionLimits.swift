/// What a client may take of a connection.
package struct ConnectionLimits: Sendable {
    /// A connection is closed after this long without a byte from a client that is to send something, or without one
    /// taken by a client that is to read. Not while the answer is being made.
    package var idle: Duration = .seconds(60)
    /// Time for a request's head, from its first byte.
    package var head: Duration = .seconds(10)
    /// After the last answer what still comes is read and thrown away, or the system would throw away the answer:
    /// until the client is silent for this long,
    package var lingerIdle: Duration = .seconds(5)
    /// and for this long at most.
    package var linger: Duration = .seconds(30)
    /// The longest request target, in bytes.
    package var targetBytes = 8 << 10
    /// Names and values of a head's fields together, and the target, in bytes.
    package var headBytes = 32 << 10
    package var headFields = 100
    /// So much of a refused request's body is read to keep its connection; beyond it the connection is closed.
    package var drainBytes = 64 << 10

    /// The limits that every server has unless it says otherwise.
    package init() {}
}
