import FleetCore
import HTTPTransport
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
        let address = try ManagementAddress(try fleet.required("RABBITMQ_MANAGEMENT_URL"))
        let vhost = VirtualHost(ofURL: fleet["AMQP_URL"] ?? "").pathSegment
        let client = try HTTPClient()
        let answer = await Answer { () async throws -> [UInt8] in
            var request = HTTPRequest(
                url: address.url + "/api/queues/\(vhost)?columns=name,messages_ready,messages_unacknowledged,consumers,"
                    + "message_stats.publish_details.rate,message_stats.ack_details.rate")
            if let authorization = address.authorization { request.headers.append("Authorization", authorization) }
            let response = try await client.execute(request, timeout: .seconds(5))
            guard response.status == 200 else {
                throw CommandError(.failed, "RabbitMQ's management answers \(response.status)")
            }
            return try await response.body.collect(upTo: 16 << 20)
        }
        await client.shutdown()
        guard let body = answer.value else { throw CommandError(.failed, answer.problem ?? "no answer") }
        return BrokerQueues(try JSONValue(parsing: body))
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
