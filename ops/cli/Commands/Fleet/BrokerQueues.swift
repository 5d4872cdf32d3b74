import AMQPClient
import JSON

/// The fleet's queues as the broker's management sees them.
struct BrokerQueues: Sendable {
    struct Queue: Sendable, Equatable {
        /// Messages that wait for a consumer, and those that a consumer holds.
        var ready: Int
        var unacknowledged: Int
        var consumers: Int
        /// Messages per second, of the management's last interval.
        var rateIn: Double
        var rateOut: Double
    }

    private let queues: [String: Queue]

    /// Nil for a queue that is not there.
    subscript(name: String) -> Queue? { queues[name] }

    /// - Throws: ``CommandError`` if the management's address is not known or does not answer.
    static func ask(_ fleet: FleetEnvironment) async throws -> BrokerQueues {
        let virtualHost = try fleet["AMQP_URL"].map { try AMQPConfiguration(url: $0).virtualHost } ?? "/"
        let columns =
            "name,messages_ready,messages_unacknowledged,consumers,message_stats.publish_details.rate,"
            + "message_stats.ack_details.rate"
        return BrokerQueues(
            try await BrokerManagement.get(
                "/api/queues/\(PercentEncoding.component(virtualHost))?columns=\(columns)", limit: 16 << 20, fleet))
    }

    /// - Parameter answer: of `GET /api/queues/VHOST`.
    init(_ answer: JSONValue) {
        var queues: [String: Queue] = [:]
        for queue in answer.array ?? [] {
            guard let name = queue["name"]?.string else { continue }
            let rates = queue["message_stats"]
            queues[name] = Queue(
                ready: queue["messages_ready"]?.int ?? 0, unacknowledged: queue["messages_unacknowledged"]?.int ?? 0,
                consumers: queue["consumers"]?.int ?? 0, rateIn: rates?["publish_details"]?["rate"]?.double ?? 0,
                rateOut: rates?["ack_details"]?["rate"]?.double ?? 0)
        }
        self.queues = queues
    }
}
