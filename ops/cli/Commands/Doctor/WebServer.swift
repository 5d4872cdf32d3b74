import HTTPTransport

/// Whether an HTTP server is where another kind of server should be: a wrong port often leads to one.
enum WebServer {
    static func answers(_ host: String, _ port: Int) async -> Bool {
        guard let client = try? HTTPClient() else { return false }
        let place = host.contains(":") ? "[\(host)]" : host
        let answer = await Answer {
            try await client.execute(HTTPRequest(url: "http://\(place):\(port)/"), timeout: .seconds(3)).status
        }
        await client.shutdown()
        return answer.value != nil
    }
}
