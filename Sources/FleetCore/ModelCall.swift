/// One question to one model.
package struct ModelRequest: Sendable {
    /// Name of the model in the model catalogue.
    package var model: String
    /// Instructions: the agent's prompt file.
    package var system: String
    /// The material: task, subtask, solutions, each in a tagged and escaped section. One block per zone of the input
    /// manifest, what many prompts have in common first; a repair adds one.
    package var blocks: [String]
    /// What the answer must look like; its `name` is the step kind.
    package var schema: OutputSchema
    /// Upper bound of generated tokens.
    package var maxOutputTokens: Int
    /// The call is given up after this long, measured from its start.
    package var timeout: Duration
    /// Sent to providers that honour one; the same for the same step, attempt and call.
    package var idempotencyKey: String
    /// Agent type that asks, for the provider twin's record and for telemetry.
    package var agentType: String
    /// Told what the head of an answer says about the provider's limits as soon as it is there: at the end of a long answer
    /// it would be long out of date.
    package var onLimits: @Sendable (ReportedLimits) -> Void = { _ in }

    /// The idempotency key may be set later: it differs for each call of an attempt.
    package init(
        model: String, system: String, blocks: [String], schema: OutputSchema, maxOutputTokens: Int,
        timeout: Duration, idempotencyKey: String, agentType: String
    ) {
        self.model = model
        self.system = system
        self.blocks = blocks
        self.schema = schema
        self.maxOutputTokens = maxOutputTokens
        self.timeout = timeout
        self.idempotencyKey = idempotencyKey
        self.agentType = agentType
    }

    /// The blocks as one text: the same bytes whatever the wire format.
    package var prompt: String { blocks.joined(separator: "\n") }

    /// Bytes of instructions and prompt.
    package var size: Int { system.utf8.count + blocks.reduce(max(0, blocks.count - 1)) { $0 + $1.utf8.count } }
}

/// A named JSON Schema that an answer has to satisfy.
package struct OutputSchema: Sendable, Equatable {
    /// Name sent to the provider; the step kind.
    package var name: String
    /// The schema's JSON text, sent as it is.
    package var json: String

    /// Nothing is checked here; ``CompiledSchema`` does that.
    package init(name: String, json: String) {
        self.name = name
        self.json = json
    }
}

/// A complete answer: the provider said so with its closing event.
package struct ModelReply: Sendable {
    /// The answer's text: JSON that claims to satisfy the request's schema, not yet validated.
    package var text: String
    /// What the provider said about the call's tokens.
    package var usage: ReportedUsage
    /// The provider's id of this request, for support and for the ledger.
    package var providerRequestID: String?

    /// A stream knows text and usage; the caller adds what the response's headers say.
    package init(
        text: String, usage: ReportedUsage, providerRequestID: String? = nil
    ) {
        self.text = text
        self.usage = usage
        self.providerRequestID = providerRequestID
    }
}

/// Limits and what is left of them, as a provider's response headers reported them. Absent values were not sent.
package struct ReportedLimits: Sendable, Equatable {
    /// Calls per minute.
    package var requestLimit: Int?
    /// Calls left until the provider's window moves on.
    package var requestsRemaining: Int?
    /// Tokens per minute. OpenAI's single budget: input and output together.
    package var tokenLimit: Int?
    /// Left of `tokenLimit`.
    package var tokensRemaining: Int?
    /// Anthropic's budget for prompts, in tokens per minute.
    package var inputTokenLimit: Int?
    /// Left of `inputTokenLimit`.
    package var inputTokensRemaining: Int?
    /// Anthropic's budget for answers, in tokens per minute.
    package var outputTokenLimit: Int?
    /// Left of `outputTokenLimit`.
    package var outputTokensRemaining: Int?

    /// Nothing was reported.
    package init() {}
}

/// Why a call to a model did not give a complete answer.
package struct ModelFailure: Error, Sendable, Equatable, CustomStringConvertible {
    /// What the failure means for the step; `RetryPolicy` decides on it.
    package enum Code: String, Sendable, CaseIterable {
        /// 429 with a rate limit: costs no attempt.
        case rateLimited = "rate_limited"
        /// 503, 529: the provider is overloaded.
        case overloaded
        /// 500, 502, 504, 408, 409 and connection failures after the request may have been sent.
        case serverError = "server_error"
        /// The connection could not be made: nothing was sent.
        case unreachable
        /// The request's own deadline passed.
        case timedOut = "timed_out"
        /// The stream ended without its closing event.
        case truncated
        /// The answer stopped at the token limit: the provider closed it, and bills it.
        case outputLimit = "output_limit"
        /// The provider's own framing or JSON could not be read.
        case malformed
        /// Credit or spend limit used up: opens the circuit of that credential until a human acts.
        case quotaExhausted = "quota_exhausted"
        /// The model declined to answer.
        case refused
        /// 400, 413, 422, context exceeded: the same request will fail again.
        case invalidRequest = "invalid_request"
        /// 401, 403: the credential is wrong.
        case unauthorized
        /// 404: the model is not there (any more).
        case modelNotFound = "model_not_found"
        /// The caller cancelled.
        case cancelled
    }

    /// Decides what becomes of the step and of the provider's circuit.
    package var code: Code
    /// HTTP status, if an answer began.
    package var status: Int?
    /// A short text that is safe to log and to show: never holds a credential or a prompt.
    package var message: String
    /// The provider asked to wait at least this long.
    package var retryAfter: Duration?
    /// The parameter that the provider refused, if it named one that the request could do without.
    package var refusedParameter: String?
    /// What the provider said about the call's tokens before it failed.
    package var usage: ReportedUsage
    /// A part of an answer may have been generated; false: the provider ended the call before it began one.
    package var mayHaveOutput: Bool
    /// The provider's id of the request, for support and for the ledger; nil if it gave none.
    package var providerRequestID: String?

    /// What is left out was not said, or the call did not get that far.
    package init(
        _ code: Code, status: Int? = nil, message: String, retryAfter: Duration? = nil,
        usage: ReportedUsage = .nothing, mayHaveOutput: Bool = true, providerRequestID: String? = nil
    ) {
        self.code = code
        self.status = status
        self.message = message
        self.retryAfter = retryAfter
        self.usage = usage
        self.mayHaveOutput = mayHaveOutput
        self.providerRequestID = providerRequestID
    }

    /// Code, HTTP status and message: the step's `error`, and safe to log.
    package var description: String {
        "\(code.rawValue)\(status.map { " (HTTP \($0))" } ?? ""): \(message)"
    }

    /// A request may have left for the provider: the call is in the ledger and counts against the limit. What is
    /// wrong with a request, its model or its credential may be found out here as well, and then there is no status.
    package var wasSent: Bool {
        switch code {
        case .unreachable: false
        case .invalidRequest, .unauthorized, .modelNotFound: status != nil
        case .rateLimited, .overloaded, .serverError, .timedOut, .truncated, .outputLimit, .malformed,
            .quotaExhausted, .refused, .cancelled:
            true
        }
    }

    /// Whether the same request may succeed later, at this provider or another.
    package var isRetriable: Bool {
        switch code {
        case .rateLimited, .overloaded, .serverError, .unreachable, .timedOut, .truncated, .outputLimit, .malformed:
            true
        case .quotaExhausted, .refused, .invalidRequest, .unauthorized, .modelNotFound, .cancelled: false
        }
    }
}

/// The port to the AI providers: one call, one answer or one failure, never a retry.
package protocol ModelCaller: Sendable {
    /// Calls the model named in the request and returns its complete answer.
    ///
    /// Cancelling the surrounding task closes the stream and throws `cancelled`.
    func call(_ request: ModelRequest) async throws(ModelFailure) -> ModelReply
}
