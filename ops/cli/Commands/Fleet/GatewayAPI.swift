import FleetCore
import HTTPTransport
import JSON

/// The fleet's REST API.
struct GatewayAPI: Sendable {
    let baseURL: String
    private let key: String?
    private let client: HTTPClient

    private static let timeout = Duration.seconds(30)
    private static let answerLimit = 64 << 20

    /// Runs `body` with the API of the fleet.
    static func withAPI<Value>(
        _ fleet: FleetEnvironment, _ body: (GatewayAPI) async throws -> Value
    ) async throws -> Value {
        let url = try fleet.required("MIXMYAI_API_URL")
        let key = fleet["MIXMYAI_API_KEY"]
        var configuration = HTTPClientConfiguration()
        configuration.connectTimeout = .seconds(5)
        configuration.userAgent = "mixmyai/\(FleetVersion.number)"
        let api = GatewayAPI(
            baseURL: url.hasSuffix("/") ? String(url.dropLast()) : url, key: key,
            client: try HTTPClient(configuration: configuration))
        do {
            let value = try await body(api)
            await api.client.shutdown()
            return value
        } catch {
            await api.client.shutdown()
            throw error
        }
    }

    /// - Parameter patience: how long to try again while the gateway is away.
    func get(
        _ path: String, query: [(String, String?)] = [], patience: Duration = .zero
    ) async throws -> JSONValue {
        let deadline = ContinuousClock.now + patience
        while true {
            do {
                return try await call(.get, path, query: query)
            } catch let error as CommandError where error.isRetriable && ContinuousClock.now < deadline {
                try await Task.sleep(for: .milliseconds(500))
            }
        }
    }

    func post(_ path: String, _ body: JSONValue = [:]) async throws -> JSONValue {
        try await call(.post, path, body: Array(body.serialized().utf8))
    }

    func delete(_ path: String) async throws -> JSONValue {
        try await call(.delete, path)
    }

    /// The health report, whatever it says.
    func health() async throws -> JSONValue {
        let (_, body) = try await exchange(request(.get, "/api/v1/health"))
        return try Self.parse(body)
    }

    /// Hands in lines of tasks; calls `answer` with each line's answer, in order, as it comes.
    ///
    /// - Returns: whether the gateway says that it has read and answered all of them; otherwise it may have taken lines
    ///   that have no answer.
    /// - Throws: `HTTPError` if the connection was lost: the same is true then.
    func submit(
        _ lines: [UInt8], query: [(String, String?)], _ answer: (JSONValue) throws -> Void
    ) async throws -> Bool {
        var request = request(.post, "/api/v1/tasks:batch", query: query)
        request.headers.append("Content-Type", "application/x-ndjson")
        request.body = lines
        let response: HTTPResponse
        do {
            response = try await client.execute(request, timeout: .seconds(300))
        } catch {
            if error.requestMayHaveBeenSent { throw error }
            throw unreachable(error)
        }
        guard response.status == 200 else {
            throw Self.refusal(response.status, try await response.body.collect(upTo: Self.answerLimit))
        }
        var (pending, isComplete) = ([UInt8](), false)
        for try await part in response.body {
            pending += part
            while let end = pending.firstIndex(of: UInt8(ascii: "\n")) {
                let line = try Self.parse(Array(pending[..<end]))
                pending.removeSubrange(...end)
                if let summary = line["summary"] {
                    isComplete = summary["complete"] == true && summary["unanswered_from"] == nil
                } else {
                    try answer(line)
                }
            }
        }
        return isComplete
    }

    private func call(
        _ method: HTTPRequest.Method, _ path: String, query: [(String, String?)] = [], body: [UInt8]? = nil
    ) async throws -> JSONValue {
        var request = request(method, path, query: query)
        if let body {
            request.headers.append("Content-Type", "application/json")
            request.body = body
        }
        let (status, answer) = try await exchange(request)
        guard (200..<300).contains(status) else { throw Self.refusal(status, answer) }
        return try Self.parse(answer)
    }

    private func request(
        _ method: HTTPRequest.Method, _ path: String, query: [(String, String?)] = []
    ) -> HTTPRequest {
        var request = HTTPRequest(method: method, url: baseURL + path + PercentEncoding.query(query))
        request.headers.append("Accept", "application/json")
        if let key { request.headers.append("X-API-Key", key) }
        return request
    }

    private func exchange(_ request: HTTPRequest) async throws -> (status: Int, body: [UInt8]) {
        let response = try await execute(request, timeout: Self.timeout)
        do {
            return (response.status, try await response.body.collect(upTo: Self.answerLimit))
        } catch {
            throw unreachable(error)
        }
    }

    private func execute(_ request: HTTPRequest, timeout: Duration) async throws -> HTTPResponse {
        do {
            return try await client.execute(request, timeout: timeout)
        } catch {
            throw unreachable(error)
        }
    }

    private func unreachable(_ error: HTTPError) -> CommandError {
        switch error.code {
        case .timedOut:
            CommandError(.timedOut, "the gateway at \(baseURL) does not answer: \(error)", isRetriable: true)
        case .invalidRequest: CommandError(.usage, "MIXMYAI_API_URL or MIXMYAI_API_KEY: \(error)")
        case .cancelled: CommandError(.interrupted, "interrupted")
        default:
            CommandError(
                .failed, "the gateway cannot be reached: \(error). See `mixmyai status`, or start with `mixmyai up`",
                isRetriable: error.isRetriable)
        }
    }

    private static func parse(_ bytes: [UInt8]) throws(CommandError) -> JSONValue {
        do {
            return try JSONValue(parsing: bytes)
        } catch {
            throw CommandError(.failed, "the gateway's answer is not JSON: is MIXMYAI_API_URL right? (\(error))")
        }
    }

    /// What the gateway refused, in its own words.
    static func refusal(_ status: Int, _ body: [UInt8]) -> CommandError {
        let problem = try? JSONValue(parsing: body)
        var message = problem?["message"]?.string ?? "the gateway answered \(status)"
        let details = (problem?["details"]?.object?.members ?? []).map { member in
            "\(member.key): \(member.value.string ?? member.value.serialized())"
        }
        if !details.isEmpty { message += " (\(details.joined(separator: "; ")))" }
        let exit: CommandExit =
            switch status {
            case 400, 413, 415, 422: .usage
            case 401, 403: .notAllowed
            case 404: .notFound
            case 409: .conflict
            case 408, 504: .timedOut
            default: .failed
            }
        return CommandError(exit, PlainText.line(message), isRetriable: [429, 502, 503, 504].contains(status))
    }
}
