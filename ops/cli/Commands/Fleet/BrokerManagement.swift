import FleetCore
import HTTPTransport
import JSON

/// RabbitMQ's HTTP API.
enum BrokerManagement {
    /// - Parameter path: with its query, from the slash on.
    /// - Throws: ``CommandError`` if its address is not known or it does not answer.
    static func get(_ path: String, limit: Int, _ fleet: FleetEnvironment) async throws -> JSONValue {
        let address = try ManagementAddress(try fleet.required("RABBITMQ_MANAGEMENT_URL"))
        let client = try HTTPClient()
        let answer = await Answer { () async throws -> [UInt8] in
            var request = HTTPRequest(url: address.url + path)
            if let authorization = address.authorization { request.headers.append("Authorization", authorization) }
            let response = try await client.execute(request, timeout: .seconds(5))
            guard response.status == 200 else {
                throw CommandError(.failed, "RabbitMQ's management answers \(response.status)")
            }
            return try await response.body.collect(upTo: limit)
        }
        await client.shutdown()
        guard let body = answer.value else { throw CommandError(.failed, answer.problem ?? "no answer") }
        return try JSONValue(parsing: body)
    }
}
