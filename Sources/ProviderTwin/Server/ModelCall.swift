import HTTPTypes
import Hummingbird
import NIOCore

/// Answers one model call: validate, compose, admit, spoil if a fault was drawn, and send in good time.
struct ModelCall {
    let endpoint: Endpoint
    let responder: TwinResponder
    let request: Request
    let channel: any Channel

    private static let largestBody = 64 << 20

    private var provider: Provider { endpoint.provider }

    func respond() async throws -> Response {
        let draw = responder.state.begin()
        let idempotencyKey = request.headers[optional: HeaderName.idempotencyKey]
        let ticket = CallTicket(
            endpoint: endpoint, agent: request.headers[optional: HeaderName.agent], idempotencyKey: idempotencyKey,
            billsDisconnects: draw.behaviour.billsDisconnects, state: responder.state, recorder: responder.recorder
        )
        var identity = StableHash(responder.seed)
        identity.combine(idempotencyKey ?? "")
        do throws(ProviderFailure) {
            if let problem = Credential.problem(in: request.headers, for: provider) { throw problem }
            guard let credential = Credential.shortHash(in: request.headers) else { throw .missingKey(provider) }
            ticket.note(credential: credential, fault: draw.fault)
            try checkVersion()
            let body = try await body()
            identity.combine(body)
            let modelRequest = try TwinRequest(
                endpoint: endpoint, body: body, seed: responder.seed, ownModels: responder.ownModels)
            ticket.note(modelRequest)
            let answer = answer(to: modelRequest, draw)
            let verdict = responder.state.admit(
                modelRequest, credential: credential, outputTokens: answer.outputTokens,
                refusal: draw.fault.flatMap { .injected($0, draw.behaviour) } ?? flag(modelRequest, draw.behaviour)
            )
            let headers = headers(requestID: identity.value, limits: verdict.limits)
            if let failure = verdict.failure { return refuse(failure, headers: headers, ticket: ticket) }
            var usage = verdict.usage
            (usage.output, usage.reasoning) = (answer.outputTokens, answer.reasoningTokens)
            ticket.note(
                Charge(
                    model: modelRequest.model, provider: provider, serviceTier: modelRequest.serviceTier,
                    usage: usage, ending: answer.ending))
            let reply = ReplyDelivery(
                request: modelRequest.withoutInput, answer: answer, usage: usage, fault: draw.fault,
                behaviour: draw.behaviour, headers: headers, ticket: ticket, channel: channel
            )
            if draw.fault == .timeout {
                try await hold(seconds: draw.behaviour.timeoutSeconds, ticket: ticket)
            }
            return try await reply.send()
        } catch {
            return refuse(error, headers: headers(requestID: identity.value, limits: nil), ticket: ticket)
        }
    }

    private func checkVersion() throws(ProviderFailure) {
        guard provider == .anthropic else { return }
        guard let version = request.headers[optional: HeaderName.anthropicVersion], !version.isEmpty else {
            throw .invalidRequest("anthropic-version: header is required")
        }
        guard ["2023-01-01", "2023-06-01", "2026-10-21"].contains(version) else {
            throw .invalidRequest("anthropic-version: \"\(version.prefix(40))\" is not a valid version for this API")
        }
    }

    private func body() async throws(ProviderFailure) -> [UInt8] {
        do {
            return Array(try await request.body.collect(upTo: Self.largestBody).readableBytesView)
        } catch {
            throw .tooLarge
        }
    }

    private func flag(_ modelRequest: TwinRequest, _ behaviour: TwinBehaviour) -> ProviderFailure? {
        guard let text = behaviour.flaggedText, modelRequest.prompt.contains(text.utf8) else { return nil }
        return .flagged(provider)
    }

    private func answer(to modelRequest: TwinRequest, _ draw: TwinState.Draw) -> ModelAnswer {
        let limit = modelRequest.maxOutputTokens
        if draw.fault == .refusal { return ModelAnswer.refusal }
        let answer = AnswerComposer(seed: responder.seed, mode: draw.behaviour.answers)
            .answer(to: modelRequest).reasoned(modelRequest.effort)
        return switch draw.fault {
        case .malformedJSON: answer.limited(to: limit).withBrokenJSON()
        case .badSchema: answer.withoutOneProperty().limited(to: limit)
        case .unstorableText: answer.withNUL().limited(to: limit)
        default: answer.limited(to: limit)
        }
    }

    /// Answers nothing until the client leaves; after that there is nobody to answer.
    private func hold(seconds: Int, ticket: CallTicket) async throws(ProviderFailure) {
        let end = await ConnectionWatch.wait(.seconds(Int64(seconds)), on: channel, endsWhenDraining: true)
        if end == .clientLeft { ticket.settle(status: 0, .unanswered) }
        throw .timedOut
    }

    private func headers(requestID: UInt64, limits: RateLimitSnapshot?) -> HTTPFields {
        var fields: HTTPFields = [.contentType: "application/json"]
        let requestID = "req_" + requestID.hexadecimal
        switch provider {
        case .openAI:
            fields[optional: HeaderName.openAIRequestID] = requestID
            fields[optional: HeaderName.openAIVersion] = "2020-10-01"
        case .anthropic: fields[optional: HeaderName.anthropicRequestID] = requestID
        }
        if let limits {
            RateLimitHeaders.add(
                limits, provider: provider, wallMilliseconds: TwinClock.wallMilliseconds(), to: &fields
            )
        }
        return fields
    }

    private func refuse(_ failure: ProviderFailure, headers: HTTPFields, ticket: CallTicket) -> Response {
        let status = failure.status(for: provider)
        var headers = headers
        RateLimitHeaders.addRetry(failure, provider: provider, to: &headers)
        let requestID = headers[optional: HeaderName.anthropicRequestID] ?? ""
        ticket.settle(status: failure == .timedOut && !channel.isActive ? 0 : status, .refused)
        return Response(
            status: .init(code: status), headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: failure.body(for: provider, requestID: requestID)))
        )
    }
}
