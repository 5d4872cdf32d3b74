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

    /// Largest error body that is read, and largest stream.
    private static let errorBodyLimit = 64 * 1024
    private static let streamLimit = 64 << 20

    /// - Parameter endpoints: by provider, `openai` and `anthropic`.
    public init(catalogue: ModelCatalogue, endpoints: [String: ProviderEndpoint], client: HTTPClient) {
        self.catalogue = catalogue
        self.endpoints = endpoints
        self.client = client
    }

    public func call(_ request: ModelRequest) async throws(ModelFailure) -> ModelReply {
        guard let spec = catalogue[request.model] else {
            throw ModelFailure(.modelNotFound, message: "the model catalogue has no \(request.model)")
        }
        guard let endpoint = endpoints[spec.provider] else {
            throw ModelFailure(.unauthorized, message: "no credential is configured for \(spec.provider)")
        }
        do throws(ModelFailure) {
            return try await exchange(request, spec, endpoint)
        } catch {
            var failure = error
            failure.message = endpoint.apiKey.removed(from: failure.message)
            throw failure
        }
    }

    private func exchange(
        _ request: ModelRequest, _ spec: ModelSpec, _ endpoint: ProviderEndpoint
    ) async throws(ModelFailure) -> ModelReply {
        let response: HTTPResponse
        do throws(HTTPError) {
            response = try await client.execute(
                ProviderRequest(request, spec: spec, endpoint: endpoint).build(), timeout: request.timeout)
        } catch {
            throw ModelFailure(error)
        }
        guard Self.isEventStream(response) else {
            throw await Self.failure(of: response)
        }
        var reply: ModelReply
        do throws(ModelFailure) {
            switch spec.api {
            case .responses: reply = try await Self.read(response, ResponsesStream())
            case .chatCompletions: reply = try await Self.read(response, ChatStream())
            case .messages: reply = try await Self.read(response, MessagesStream())
            }
        } catch {
            var failure = error
            failure.status = response.status
            failure.limits = ResponseHeaders.limits(response.headers)
            failure.providerRequestID = ResponseHeaders.requestID(response.headers)
            throw failure
        }
        reply.limits = ResponseHeaders.limits(response.headers)
        reply.providerRequestID = ResponseHeaders.requestID(response.headers) ?? reply.providerRequestID
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
        _ response: HTTPResponse, _ initial: some ReplyStream
    ) async throws(ModelFailure) -> ModelReply {
        var stream = initial
        var parser = SSEParser()
        var iterator = response.body.makeAsyncIterator()
        var size = 0
        while true {
            let chunk: [UInt8]?
            do throws(HTTPError) {
                chunk = try await iterator.next()
            } catch {
                throw ModelFailure(error, usage: stream.usage)
            }
            guard let chunk else {
                throw ModelFailure(
                    .truncated, message: "the stream ended without its closing event", usage: stream.usage)
            }
            size += chunk.count
            guard size <= streamLimit else {
                throw ModelFailure(
                    .malformed, message: "the stream is longer than \(streamLimit) bytes", usage: stream.usage)
            }
            let events: [SSEEvent]
            do throws(SSEError) {
                events = try parser.feed(chunk)
            } catch {
                throw ModelFailure(.malformed, message: error.description, usage: stream.usage)
            }
            for event in events {
                switch stream.feed(event) {
                case .continue: continue
                case .complete(let reply):
                    response.body.discardRest()
                    return reply
                case .fail(let failure): throw failure
                }
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
