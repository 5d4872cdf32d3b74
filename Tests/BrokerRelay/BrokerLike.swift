/// Which broker a relay makes of the one behind it. What it says is in the words of RabbitMQ's sources.
package struct BrokerLike: Sendable, Equatable {
    /// Told in the greeting instead of the real one.
    package var version: String?
    /// RabbitMQ 4.3: `transient_nonexcl_queues` is denied by default, and ends the connection with 541
    /// (rabbit_amqqueue:declare/7, rabbit_deprecated_features in v4.3.5).
    package var refusesTransientQueues = false
    /// The virtual host's default: added to declarations that name none, if they are durable and shared
    /// (rabbit_amqqueue:augment_declare_args/5). The broker behind then answers as it does for such a queue.
    package var defaultQueueType: String?
    /// Queues of a node of the cluster that is away: 404 for declaring and consuming them, and no route to them
    /// (rabbit_amqqueue:priv_absent/4).
    package var absentQueues: Set<String> = []
    /// Consumers are not told that the broker has cancelled them: what a client that does not listen to it would see.
    package var hidesCancellations = false

    /// The broker as it is.
    package init() {}

    /// RabbitMQ 4.3, as it is by default.
    package static let rabbitMQ43: BrokerLike = {
        var broker = BrokerLike()
        broker.version = "4.3.5"
        broker.refusesTransientQueues = true
        return broker
    }()

    static let transientRefusal = """
        INTERNAL_ERROR - Feature `transient_nonexcl_queues` is deprecated.
        By default, this feature is not permitted anymore.
        The feature will be removed from a future major RabbitMQ version, regardless of the configuration; actual version \
        to be determined.
        To continu...
        """

    static func absence(of queue: String, virtualHost: String) -> String {
        "NOT_FOUND - home node 'rabbit@away' of durable queue '\(queue)' in vhost '\(virtualHost)' is down or inaccessible"
    }
}
