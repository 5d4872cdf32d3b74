public import FleetCore
internal import Glibc
public import HTTPTransport

/// Calls models over HTTP: the catalogue says how, the endpoints say where.
///
/// One call is one request; nothing is retried here. An answer counts only if the provider closed it with its own
/// closing event.
public struct ProviderCaller: ModelCaller {
    private let catalogue: ModelCatalogue
    private let endpoints: [String: ProviderEndpoint]
    private let client: HTTPClient

    /// Largest error body that is read.
    private static let errorBodyLimit = 64 * 1024

    /// - Parameter endpoints: by provider, `openai` and `anthropic`.
    public init(catalogue: ModelCatalogue, endpoints: [String: ProviderEndpoint], client: HTTPClient) {
        self.catalogue = catalogue
        self.endpoints = endpoints
        self.client = client
    }

    /// Sends one request and reads its stream to the provider's closing event.
    ///
    /// - Throws: unsent, `modelNotFound` without such a model, `unauthorized` without an endpoint for its provider;
    ///   otherwise what the exchange came to. No message holds the key.
    public func call(_ request: ModelRequest) async throws(ModelFailure) -> ModelReply {
        let (spec, endpoint) = try destination(of: request)
        do throws(ModelFailure) {
            return try await exchange(request, spec, endpoint)
        } catch {
            throw Self.failure(error, without: endpoint.apiKey)
        }
    }

    private func exchange(
        _ request: ModelRequest, _ spec: ModelSpec, _ endpoint: ProviderEndpoint
    ) async throws(ModelFailure) -> ModelReply {
        let response = try await send(request, spec, endpoint)
        guard Self.isEventStream(response) else { throw await Self.failure(of: response) }
        do throws(ModelFailure) {
            return Self.reply(try await Self.read(response, spec.api), to: spec, response.headers)
        } catch {
            throw Self.failure(error, response)
        }
    }

    /// Until the response's head is there.
    private func send(
        _ request: ModelRequest, _ spec: ModelSpec, _ endpoint: ProviderEndpoint
    ) async throws(ModelFailure) -> HTTPResponse {
        do throws(HTTPError) {
            return try await client.execute(
                ProviderRequest(request, spec: spec, endpoint: endpoint).build(), timeout: request.timeout)
        } catch {
            throw ModelFailure(error)
        }
    }

    private static func read(
        _ response: HTTPResponse, _ api: ModelSpec.API
    ) async throws(ModelFailure) -> ModelReply {
        switch api {
        case .responses: try await read(response, ResponsesStream())
        case .chatCompletions: try await read(response, ChatStream())
        case .messages: try await read(response, MessagesStream())
        }
    }

    // These are never parts of the functions above: what they need for a moment would be in the frame of each of the
    // thousands of calls that wait there.

    @inline(never)
    private func destination(
        of request: ModelRequest
    ) throws(ModelFailure) -> (ModelSpec, ProviderEndpoint) {
        guard let spec = catalogue[request.model] else {
            throw ModelFailure(.modelNotFound, message: "the model catalogue has no \(request.model)")
        }
        guard let endpoint = endpoints[spec.provider] else {
            throw ModelFailure(.unauthorized, message: "no credential is configured for \(spec.provider)")
        }
        return (spec, endpoint)
    }

    @inline(never)
    private static func failure(_ failure: ModelFailure, without key: APIKey) -> ModelFailure {
        var failure = failure
        failure.message = key.removed(from: failure.message)
        return failure
    }

    @inline(never)
    private static func failure(_ failure: ModelFailure, _ response: HTTPResponse) -> ModelFailure {
        var failure = failure
        failure.status = response.status
        failure.limits = ResponseHeaders.limits(response.headers)
        failure.providerRequestID = ResponseHeaders.requestID(response.headers)
        return failure
    }

    @inline(never)
    private static func reply(_ reply: ModelReply, to spec: ModelSpec, _ headers: HTTPHeaders) -> ModelReply {
        var reply = reply
        reply.limits = ResponseHeaders.limits(headers)
        reply.providerRequestID = ResponseHeaders.requestID(headers) ?? reply.providerRequestID
        if !spec.supportsSchema { reply.text = CodeFence.removed(from: reply.text) }
        return reply
    }

    /// Servers that ignore `stream` or fail in a proxy answer 200 with JSON or a web page.
    private static func isEventStream(_ response: HTTPResponse) -> Bool {
        guard 200..<300 ~= response.status else { return false }
        let type = response.headers["content-type"]?.lowercased() ?? ""
        return !type.hasPrefix("application/json") && !type.hasPrefix("text/html")
    }

    private static func read(
        _ response: HTTPResponse, _ stream: some ReplyStream
    ) async throws(ModelFailure) -> ModelReply {
        var reading = StreamReading(stream)
        var iterator = response.body.makeAsyncIterator()
        while true {
            let chunk: [UInt8]?
            do throws(HTTPError) {
                chunk = try await iterator.next()
            } catch {
                throw ModelFailure(error, in: reading.stream)
            }
            if let reply = try reading.feed(chunk) {
                response.body.discardRest()
                return reply
            }
        }
    }

    /// Reads an answer that is no event stream as the error that it stands for.
    private static func failure(of response: HTTPResponse) async -> ModelFailure {
        var body: [UInt8] = []
        var iterator = response.body.makeAsyncIterator()
        // A broken error body is still an error: what came of it is used.
        while body.count < errorBodyLimit, let chunk = try? await iterator.next() { body += chunk }
        if Task.isCancelled { return ModelFailure(.cancelled, status: response.status, message: "cancelled") }
        return ModelFailure(
            status: response.status, headers: response.headers, body: Array(body.prefix(errorBodyLimit)),
            now: Double(time(nil)))
    }
}
