import JSON

/// An error reply, in the words of both providers.
struct ProviderFailure: Error, Equatable {
    var status: Int
    var message: String
    var openAIType = "invalid_request_error"
    var openAICode: String?
    var anthropicType = "invalid_request_error"
    var param: String?
    /// Anthropic's `error.details.error_code`.
    var detailCode: String?
    var retryAfterMilliseconds: Int?
    /// OpenAI's `x-should-retry`.
    var shouldRetry: Bool?

    /// The status as this provider sends it: only Anthropic uses 529.
    func status(for provider: Provider) -> Int {
        status == 529 && provider == .openAI ? 503 : status
    }

    static func invalidRequest(_ message: String, param: String? = nil, code: String? = nil) -> ProviderFailure {
        ProviderFailure(status: 400, message: message, openAICode: code, param: param)
    }

    static func missingParameter(_ name: String) -> ProviderFailure {
        invalidRequest("Missing required parameter: '\(name)'.", param: name, code: "missing_required_parameter")
    }

    static func missingKey(_ provider: Provider) -> ProviderFailure {
        switch provider {
        case .openAI:
            ProviderFailure(
                status: 401,
                message: "You didn't provide an API key. You need to provide your API key in an Authorization header "
                    + "using Bearer auth (i.e. Authorization: Bearer YOUR_KEY)."
            )
        case .anthropic:
            ProviderFailure(
                status: 401, message: "x-api-key header is required", anthropicType: "authentication_error"
            )
        }
    }

    static func unsupported(_ name: String, hint: String = "") -> ProviderFailure {
        invalidRequest(
            "Unsupported parameter: '\(name)' is not supported with this model.\(hint)", param: name,
            code: "unsupported_parameter")
    }

    static func wrongKey(_ provider: Provider) -> ProviderFailure {
        switch provider {
        case .openAI:
            ProviderFailure(
                status: 401,
                message: "Incorrect API key provided. You can find your API key at "
                    + "https://platform.openai.com/account/api-keys.", openAICode: "invalid_api_key")
        case .anthropic:
            ProviderFailure(status: 401, message: "invalid x-api-key", anthropicType: "authentication_error")
        }
    }

    static func unknownModel(_ model: String, _ provider: Provider) -> ProviderFailure {
        ProviderFailure(
            status: 404,
            message: provider == .openAI
                ? "The model `\(model)` does not exist or you do not have access to it." : "model: \(model)",
            openAICode: "model_not_found", anthropicType: "not_found_error"
        )
    }

    /// A path that the provider does not have.
    static func wrongPath(_ method: String, _ path: some StringProtocol) -> ProviderFailure {
        ProviderFailure(
            status: 404, message: "Invalid URL (\(method) \(path))", anthropicType: "not_found_error")
    }

    /// A method that a path does not have.
    static func wrongMethod(_ method: String, _ path: some StringProtocol) -> ProviderFailure {
        ProviderFailure(
            status: 405, message: "Not allowed to \(method) on \(path).", openAICode: "method_not_supported")
    }

    /// The provider's moderation does not let the prompt pass.
    static func flagged(_ provider: Provider) -> ProviderFailure {
        switch provider {
        case .openAI:
            invalidRequest(
                "Invalid prompt: your prompt was flagged as potentially violating our usage policy.",
                code: "invalid_prompt")
        case .anthropic: invalidRequest("Output blocked by content filtering policy")
        }
    }

    static let tooLarge = ProviderFailure(
        status: 413, message: "Request exceeds the maximum allowed number of bytes.",
        openAICode: "request_too_large", anthropicType: "request_too_large"
    )

    static let timedOut = ProviderFailure(
        status: 504, message: "Request timed out.", openAIType: "server_error", openAICode: "timeout",
        anthropicType: "timeout_error"
    )

    /// The reply that a fault stands for; nil for faults that spoil an answer instead of replacing it.
    static func injected(_ fault: FaultKind, _ behaviour: TwinBehaviour) -> ProviderFailure? {
        let retryAfter = behaviour.retryAfterSeconds * 1000
        return switch fault {
        case .rateLimit:
            ProviderFailure(
                status: 429, message: "Rate limit reached. Please try again in \(behaviour.retryAfterSeconds)s.",
                openAIType: "requests", openAICode: "rate_limit_exceeded", anthropicType: "rate_limit_error",
                retryAfterMilliseconds: retryAfter
            )
        case .overloaded:
            ProviderFailure(
                status: 529, message: "Overloaded", openAIType: "service_unavailable_error",
                openAICode: "server_is_overloaded", anthropicType: "overloaded_error",
                retryAfterMilliseconds: retryAfter
            )
        case .serverError:
            ProviderFailure(
                status: 500, message: "The server had an error while processing your request.",
                openAIType: "server_error", openAICode: "server_error", anthropicType: "api_error"
            )
        case .quotaExhausted:
            ProviderFailure(
                status: 429,
                message: "You exceeded your current quota, please check your plan and billing details.",
                openAIType: "insufficient_quota", openAICode: "insufficient_quota",
                anthropicType: "rate_limit_error", detailCode: "enforced_spend_limit_reached", shouldRetry: false
            )
        case .timeout, .truncatedStream, .malformedJSON, .badSchema, .unstorableText, .refusal, .slowBytes: nil
        }
    }

    static func rateLimited(model: String, excess: RateLimitExcess) -> ProviderFailure {
        let (type, unit) = excess.measure == .requests ? ("requests", "RPM") : ("tokens", "TPM")
        // A request larger than the whole limit never fits; a minute is what the providers answer.
        let wait = excess.waitNanoseconds.map { Int(($0 + 999_999) / 1_000_000) } ?? 60_000
        let numbers = "Limit \(excess.limit), Used \(excess.used), Requested \(excess.requested)."
        let message =
            excess.waitNanoseconds == nil
            ? "Request too large for \(model) on \(excess.measure.rawValue) per min (\(unit)): \(numbers)"
            : "Rate limit reached for \(model) on \(excess.measure.rawValue) per min (\(unit)): \(numbers) "
                + "Please try again in \(wait)ms."
        return ProviderFailure(
            status: 429, message: message, openAIType: type, openAICode: "rate_limit_exceeded",
            anthropicType: "rate_limit_error", retryAfterMilliseconds: wait
        )
    }

    /// The error body in the provider's format.
    func body(for provider: Provider, requestID: String) -> [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        switch provider {
        case .openAI:
            json.key("error")
            json.beginObject()
            json.field("message", message)
            json.field("type", openAIType)
            json.optional("param", param)
            json.optional("code", openAICode)
            json.endObject()
        case .anthropic:
            json.field("type", "error")
            json.key("error")
            json.beginObject()
            json.field("type", anthropicType)
            json.field("message", message)
            if let detailCode {
                json.key("details")
                json.beginObject()
                json.field("error_code", detailCode)
                json.endObject()
            }
            json.endObject()
            json.field("request_id", requestID)
        }
        json.endObject()
        return json.bytes
    }
}
