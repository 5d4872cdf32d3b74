/// How a connection is, for people: whether it is there, since when not, and what the broker does not do for it.
package struct AMQPHealth: Sendable, Equatable {
    /// A connection that does not come about.
    package struct Outage: Sendable, Equatable {
        /// Of the last attempt.
        package let error: AMQPError
        /// In vain, since the last connection that lasted.
        package let attempts: Int
        /// Since the first of them.
        package let duration: Duration
    }

    /// Now.
    package let state: AMQPConnectionState
    /// Of the present connection or the last one.
    package let refusals: [AMQPRefusal]
    /// Connections that came about so far.
    package let connectionsMade: Int
    /// Nil while connected.
    package let outage: Outage?
}
