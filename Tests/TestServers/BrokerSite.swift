package import Foundation
import FoundationNetworking

/// A virtual host of the tests' broker, and a user of it, for one test. What operators do is done through the
/// management.
package struct BrokerSite: Sendable {
    package struct Refused: Error, CustomStringConvertible {
        package let description: String
    }

    package let name: String
    private let port: Int
    private let management: URLComponents

    /// Makes them, runs `body`, and deletes them.
    ///
    /// - Parameter defaultQueueType: of the virtual host; 3.10 takes it by a definition only.
    package static func with(
        defaultQueueType: String? = nil, _ body: (BrokerSite) async throws -> Void
    ) async throws {
        let site = try BrokerSite()
        var host: [String: Any] = ["name": site.name]
        if let defaultQueueType {
            host["metadata"] = ["description": "", "tags": [String](), "default_queue_type": defaultQueueType]
        }
        try await site.request("POST", "definitions", ["vhosts": [host]])
        try await withResource(
            site,
            close: { site in
                _ = try? await site.request("DELETE", "vhosts/\(site.name)")
                _ = try? await site.request("DELETE", "users/\(site.name)")
            },
            body: { site in
                try await site.request("PUT", "users/\(site.name)", ["password": site.name, "tags": ""])
                try await site.permit()
                try await body(site)
            })
    }

    private init() throws {
        name = "test-\(UInt64.random(in: 0...UInt64.max))"
        guard let broker = URLComponents(string: try TestServer.broker.url()), let port = broker.port,
            let management = URLComponents(string: try TestServer.brokerManagement.url())
        else { throw Refused(description: "not a URL") }
        self.port = port
        self.management = management
    }

    /// - Parameters:
    ///   - port: a relay's; nil: the broker's own.
    ///   - virtualHost: nil: the site's.
    package func url(port: UInt16? = nil, virtualHost: String? = nil) -> String {
        "amqp://\(name):\(name)@127.0.0.1:\(port.map { Int($0) } ?? self.port)/\(virtualHost ?? name)"
    }

    package var brokerPort: UInt16 { UInt16(port) }

    /// Patterns of the names that the user may configure, write and read.
    package func permit(configure: String = ".*", write: String = ".*", read: String = ".*") async throws {
        try await request(
            "PUT", "permissions/\(name)/\(name)", ["configure": configure, "write": write, "read": read])
    }

    /// Asks the management.
    @discardableResult
    package func request(_ method: String, _ path: String, _ body: [String: Any]? = nil) async throws -> Data {
        guard let host = management.host, let port = management.port,
            let url = URL(string: "http://\(host):\(port)/api/\(path)")
        else { throw Refused(description: "not a URL") }
        var request = URLRequest(url: url)
        request.httpMethod = method
        let login = "\(management.user ?? ""):\(management.password ?? "")"
        request.setValue("Basic \(Data(login.utf8).base64EncodedString())", forHTTPHeaderField: "Authorization")
        request.setValue("application/json", forHTTPHeaderField: "Content-Type")
        if let body { request.httpBody = try JSONSerialization.data(withJSONObject: body) }
        let (data, response) = try await URLSession.shared.data(for: request)
        let status = (response as? HTTPURLResponse)?.statusCode ?? 0
        guard (200..<300).contains(status) else { throw Refused(description: "\(method) \(path): \(status)") }
        return data
    }

    package struct Queue: Decodable, Sendable {
        package let name: String
        package let type: String
        package let durable: Bool
    }

    /// The queues of the virtual host by name.
    package func queues() async throws -> [String: Queue] {
        let data = try await request("GET", "queues/\(name)?columns=name,type,durable")
        let queues = try JSONDecoder().decode([Queue].self, from: data)
        return Dictionary(uniqueKeysWithValues: queues.map { ($0.name, $0) })
    }

    /// Makes a queue as somebody else would have.
    package func makeQueue(
        _ queue: String, isDurable: Bool = true, arguments: [String: Any] = [:]
    ) async throws {
        try await request(
            "PUT", "queues/\(name)/\(queue)",
            ["durable": isDurable, "auto_delete": false, "arguments": arguments])
    }

    package func deleteQueue(_ queue: String) async throws {
        try await request("DELETE", "queues/\(name)/\(queue)")
    }
}
