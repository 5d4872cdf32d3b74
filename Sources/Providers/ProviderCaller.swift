package import FleetCore
internal import Glibc
package import HTTPTransport

/// Calls models over HTTP: the catalogue says how, the endpoints say where.
///
/// One call is one answer; nothing that may have been paid is retried here. An answer counts only if one sign says that
/// it is whole: the provider's closing event, `[DONE]`, or a reason to stop before a clean end.
package struct ProviderCaller: ModelCaller {
    private let models: [String: ModelSpec]
    private let endpoints: [String: ProviderEndpoint]
    private let client: HTTPClient
    private let learned = LearnedForms()
    private let onRefusal: @Sendable (RefusedParameter) -> Void

    /// Largest error body that is read.
    private static let errorBodyLimit = 64 * 1024
    /// Parameters that one call learns about: more than any request could do without.
    private static let refusalLimit = 8

    /// - Parameters:
    ///   - models: those that may be called; names are unique.
    ///   - endpoints: by provider, `openai` and `anthropic`.
    ///   - onRefusal: told once of each parameter that a model's server does not take.
    package init(
        models: [ModelSpec], endpoints: [String: ProviderEndpoint], client: HTTPClient,
        onRefusal: @escaping @Sendable (RefusedParameter) -> Void = { _ in }
    ) {
        self.models = Dictionary(models.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        self.endpoints = endpoints
        self.client = client
        self.onRefusal = onRefusal
    }

    /// Sends one request and reads its answer to the sign that it is whole.
    ///
    /// A server that refuses a parameter (400, 422: nothing was generated) is asked again without it, and from then on
    /// it is not sent to that model.
    ///
    /// - Throws: unsent, `modelNotFound` without such a model, `unauthorized` without an endpoint for its provider;
    ///   otherwise what the exchange came to. No message holds the key.
    package func call(_ request: ModelRequest) async throws(ModelFailure) -> ModelReply {
        let (spec, endpoint) = try destination(of: request)
        let start = ContinuousClock.now
        var form = learned[spec.name] ?? RequestForm(spec, isDefaultHost: endpoint.isDefaultHost)
        var refused: [String] = []
        while true {
            let failure: ModelFailure
            do throws(ModelFailure) {
                let left = refused.isEmpty ? request.timeout : request.timeout - (ContinuousClock.now - start)
                let reply = try await exchange(
                    ProviderRequest(request, spec: spec, endpoint: endpoint, form: form), spec, left,
                    request.onLimits)
                keep(form, refused, spec)
                return reply
            } catch {
                failure = error
            }
            guard let next = self.form(after: failure, form, &refused) else {
                // An answer that failed otherwise had been asked for in a form that was taken.
                if 200..<300 ~= failure.status ?? 0 { keep(form, refused, spec) }
                throw Self.failure(failure, without: endpoint.apiKey)
            }
            form = next
        }
    }

    private func exchange(
        _ request: ProviderRequest, _ spec: ModelSpec, _ timeout: Duration,
        _ onLimits: @Sendable (ReportedLimits) -> Void
    ) async throws(ModelFailure) -> ModelReply {
        let response = try await send(request.build(), timeout)
        Self.tell(onLimits, response.headers)
        guard 200..<300 ~= response.status else { throw await Self.failure(of: response, to: request) }
        do throws(ModelFailure) {
            return Self.reply(try await Self.read(response, spec.api), response.headers)
        } catch {
            throw Self.failure(error, response, to: request)
        }
    }

    /// Until the response's head is there.
    private func send(
        _ request: consuming HTTPRequest, _ timeout: Duration
    ) async throws(ModelFailure) -> HTTPResponse {
        do throws(HTTPError) {
            return try await client.execute(request, timeout: timeout)
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
        guard let spec = models[request.model] else {
            throw ModelFailure(.modelNotFound, message: "the model catalogue has no \(request.model)")
        }
        guard let endpoint = endpoints[spec.provider] else {
            throw ModelFailure(.unauthorized, message: "no credential is configured for \(spec.provider)")
        }
        return (spec, endpoint)
    }

    @inline(never)
    private static func failure(_ failure: ModelFailure, without key: ProviderCredential) -> ModelFailure {
        var failure = failure
        failure.message = key.removed(from: failure.message)
        return failure
    }

    /// What to send after a refusal; nil if it names nothing that could be left out.
    @inline(never)
    private func form(
        after failure: ModelFailure, _ form: RequestForm, _ refused: inout [String]
    ) -> RequestForm? {
        guard refused.count < Self.refusalLimit, let name = failure.refusedParameter, let next = form.without(name)
        else { return nil }
        refused.append(name)
        return next
    }

    /// Remembers a form that got further than the one before it.
    @inline(never)
    private func keep(_ form: RequestForm, _ refused: [String], _ spec: ModelSpec) {
        guard !refused.isEmpty, learned.keep(form, for: spec.name) else { return }
        // A format may have been refused twice, the second time in its lesser form.
        for (index, name) in refused.enumerated() where !refused[..<index].contains(name) {
            onRefusal(RefusedParameter(spec.name, name, now: form))
        }
    }

    @inline(never)
    private static func failure(
        _ failure: ModelFailure, _ response: HTTPResponse, to request: ProviderRequest
    ) -> ModelFailure {
        var failure = failure
        failure.status = response.status
        failure.providerRequestID = ResponseHeaders.requestID(response.headers)
        let now = Double(time(nil))
        failure.retryAfter = failure.retryAfter ?? ResponseHeaders.retryAfter(response.headers, now: now)
        if failure.code == .malformed, failure.message == UnexpectedBody.webPage {
            failure.message += ": \(request.addressHint)"
        }
        return failure
    }

    @inline(never)
    private static func tell(_ onLimits: (ReportedLimits) -> Void, _ headers: HTTPHeaders) {
        let limits = ResponseHeaders.limits(headers)
        if limits != ReportedLimits() { onLimits(limits) }
    }

    @inline(never)
    private static func reply(_ reply: ModelReply, _ headers: HTTPHeaders) -> ModelReply {
        var reply = reply
        reply.providerRequestID = ResponseHeaders.requestID(headers) ?? reply.providerRequestID
        reply.text = AnswerText.unwrapped(reply.text)
        return reply
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
    private static func failure(of response: HTTPResponse, to request: ProviderRequest) async -> ModelFailure {
        var body: [UInt8] = []
        var iterator = response.body.makeAsyncIterator()
        // A broken error body is still an error: what came of it is used.
        while body.count < errorBodyLimit, let chunk = try? await iterator.next() { body += chunk }
        if Task.isCancelled { return ModelFailure(.cancelled, status: response.status, message: "cancelled") }
        return ModelFailure(
            status: response.status, headers: response.headers, body: Array(body.prefix(errorBodyLimit)),
            now: Double(time(nil)), request: request)
    }
}
