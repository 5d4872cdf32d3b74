/// How a connection is, for people: whether it is there, since when not, and what the broker does not do for it.
public struct AMQPHealth: Sendable, Equatable {
    /// A connection that does not come about.
    public struct Outage: Sendable, Equatable {
        /// Of the last attempt.
        public let error: AMQPError
        /// In vain, since the last connection that lasted.
        public let attempts: Int
        /// Since the first of them.
        public let duration: Duration
    }

    /// Now.
    public let state: AMQPConnectionState
    /// Of the present connection or the last one.
    public let refusals: [AMQPRefusal]
    /// Nil while connected.
    public let outage: Outage?
}
