import FleetCore
import HTTPTransport
import Testing

@testable import Providers

@Suite struct ModelFailureTests {
    private func failure(_ status: Int, _ body: String, _ headers: HTTPHeaders = [:]) -> ModelFailure {
        ModelFailure(status: status, headers: headers, body: Array(body.utf8), now: 784_111_777)
    }

    private static func openAI(_ type: String, _ code: String) -> String {
        #"{"error":{"message":"text","type":"\#(type)","param":null,"code":"\#(code)"}}"#
    }

    private static func anthropic(_ type: String, _ message: String = "text") -> String {
        #"{"type":"error","error":{"type":"\#(type)","message":"\#(message)"},"request_id":"req_1"}"#
    }

    @Test(arguments: [
        (429, openAI("tokens", "rate_limit_exceeded"), ModelFailure.Code.rateLimited),
        (429, openAI("requests", "slow_down"), .rateLimited),
        (503, openAI("service_unavailable_error", "server_is_overloaded"), .overloaded),
        (503, openAI("server_error", "slow_down"), .overloaded),
        (429, openAI("insufficient_quota", "insufficient_quota"), .quotaExhausted),
        (429, openAI("insufficient_quota", "credit_balance_exhausted"), .quotaExhausted),
        (429, openAI("x", "organization_spend_limit_exceeded"), .quotaExhausted),
        (429, openAI("x", "project_spend_limit_exceeded"), .quotaExhausted),
        (429, openAI("x", "organization_usage_limit_exceeded"), .quotaExhausted),
        (429, anthropic("rate_limit_error"), .rateLimited), (529, anthropic("overloaded_error"), .overloaded),
        (500, anthropic("api_error"), .serverError), (504, anthropic("timeout_error"), .serverError),
        (500, anthropic("overloaded_error"), .overloaded), (408, "", .serverError), (409, "", .serverError),
        (
            429,
            #"{"error":{"type":"rate_limit_error","message":"x","details":{"error_code":"enforced_spend_limit_reached"}}}"#,
            .quotaExhausted
        ),
        (400, anthropic("invalid_request_error", "Your credit balance is too low to access"), .quotaExhausted),
        (400, anthropic("invalid_request_error", "You have reached your specified API usage limits."), .quotaExhausted),
        (402, anthropic("billing_error"), .quotaExhausted), (402, "", .quotaExhausted),
        (400, openAI("invalid_request_error", "context_length_exceeded"), .promptTooLarge),
        (413, anthropic("request_too_large"), .promptTooLarge), (422, #"{"detail":"bad"}"#, .invalidRequest),
        (400, openAI("invalid_request_error", "invalid_prompt"), .refused),
        (400, openAI("invalid_request_error", "content_policy_violation"), .refused),
        (400, openAI("x", "content_filter"), .refused), (200, openAI("x", "invalid_prompt"), .refused),
        (400, anthropic("invalid_request_error", "Output blocked by content filtering policy"), .refused),
        (401, openAI("invalid_request_error", "invalid_api_key"), .unauthorized),
        (403, anthropic("permission_error"), .unauthorized),
        (404, openAI("invalid_request_error", "model_not_found"), .modelNotFound),
        (404, anthropic("not_found_error"), .modelNotFound), (403, openAI("x", "model_not_found"), .modelNotFound),
        (502, "<html><h1>Bad Gateway</h1></html>", .serverError), (503, "", .overloaded), (500, "null", .serverError),
        (500, "[]", .serverError), (429, "\u{0}\u{1}", .rateLimited), (418, "{}", .invalidRequest),
        (302, "", .invalidRequest), (200, "{}", .malformed), (200, "<html>", .malformed),
        (200, openAI("server_error", "server_error"), .serverError),
        (200, openAI("requests", "rate_limit_exceeded"), .rateLimited),
        (500, #"{"error":"plain text"}"#, .serverError),
        (400, #"[{"error":{"code":400,"message":"x"}}]"#, .invalidRequest),
    ])
    func errorsFollowTheRetryTable(status: Int, body: String, code: ModelFailure.Code) {
        let failure = failure(status, body)
        #expect(failure.code == code)
        #expect(failure.status == status)
        #expect(!failure.message.isEmpty)
        #expect(!failure.message.contains("<html>"))
    }

    /// As OpenAI, Anthropic, Gemini, Mistral, vLLM, llama.cpp and TGI word it.
    @Test(arguments: [
        (400, anthropic("invalid_request_error", "prompt is too long: 214087 tokens > 200000 maximum")),
        (400, anthropic("invalid_request_error", "input length and `max_tokens` exceed context limit: 190 + 20 > 200")),
        (400, anthropic("invalid_request_error", "Input is too long for requested model.")),
        (400, #"{"error":{"message":"Input tokens exceed the configured limit of 272000 tokens."}}"#),
        (400, #"{"error":{"type":"invalid_request_error","code":"string_above_max_length","message":"x"}}"#),
        (
            400,
            #"[{"error":{"code":400,"message":"The input token count (1100000) exceeds the maximum number of tokens allowed (1048575).","status":"INVALID_ARGUMENT"}}]"#
        ),
        (400, #"{"object":"error","message":"Prompt contains too many tokens","type":"invalid_request_error"}"#),
        (
            400,
            #"{"object":"error","message":"This model's maximum context length is 4096 tokens. However, you requested 5000 tokens.","type":"BadRequestError","code":400}"#
        ),
        (
            400,
            #"{"error":{"code":400,"message":"exceeds the available context size","type":"exceed_context_size_error"}}"#
        ),
        (422, #"{"error":"Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096"}"#),
        (413, ""), (413, "<html><h1>413 Request Entity Too Large</h1></html>"),
        (200, #"{"error":{"code":413,"message":"x"}}"#), (200, openAI("x", "context_length_exceeded")),
    ])
    func aPromptThatHasNoRoomIsNoFaultOfTheModel(status: Int, body: String) {
        #expect(failure(status, body).code == .promptTooLarge)
    }

    /// What every request of this kind would be told says something of the model's settings.
    @Test(arguments: [
        "max_tokens is too large: 100000. This model supports at most 16384 completion tokens.",
        "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.",
        "'temperature' does not support 0.2 with this model.",
    ])
    func aSettingThatTheModelDoesNotTakeIsAnInvalidRequest(message: String) {
        let body = #"{"error":{"type":"invalid_request_error","message":"\#(message)"}}"#
        #expect(failure(400, body).code == .invalidRequest)
    }

    @Test func messageNamesTypeCodeAndText() {
        #expect(
            failure(429, Self.openAI("tokens", "rate_limit_exceeded")).message == "tokens/rate_limit_exceeded: text")
        #expect(failure(529, Self.anthropic("overloaded_error")).providerRequestID == "req_1")
        #expect(failure(502, "<html>").message == "no readable error body")
    }

    @Test(arguments: waits)
    func waitingTimeIsRead(headers: HTTPHeaders, expected: Duration?) {
        #expect(failure(429, "", headers).retryAfter == expected)
    }

    private static let waits: [(HTTPHeaders, Duration?)] = [
        (["retry-after-ms": "1500", "retry-after": "9"], .milliseconds(1500)), (["Retry-After": "20"], .seconds(20)),
        (["retry-after": "0.25"], .milliseconds(250)),
        (["retry-after": "Sun, 06 Nov 1994 08:49:47 GMT"], .seconds(10)),
        (["retry-after": "Sun, 06 Nov 1994 08:49:47 GMT", "date": "Sun, 06 Nov 1994 08:49:17 GMT"], .seconds(30)),
        (["retry-after": "Wed, 29 Feb 2096 00:00:00 GMT"], .seconds(86_400)),
        (["retry-after": "Sun, 06 Nov 1994 08:49:36 GMT"], nil), (["retry-after": "-5"], nil),
        (["retry-after": "soon"], nil), (["retry-after": "nan"], nil), (["retry-after": "1e300"], .seconds(86_400)),
        (["retry-after-ms": "x"], nil), ([:], nil),
    ]

    @Test func limitsOfBothProvidersAreRead() {
        var expected = ReportedLimits()
        (expected.requestLimit, expected.requestsRemaining) = (500, 499)
        (expected.tokenLimit, expected.tokensRemaining) = (200_000, 0)
        let openAI: HTTPHeaders = [
            "x-ratelimit-limit-requests": "500", "X-RateLimit-Remaining-Requests": "499",
            "x-ratelimit-reset-requests": "12ms", "x-ratelimit-limit-tokens": "200000",
            "x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "6m0s",
        ]
        #expect(ResponseHeaders.limits(openAI) == expected)
        let anthropic: HTTPHeaders = [
            "anthropic-ratelimit-requests-limit": "500", "anthropic-ratelimit-requests-remaining": "499",
            "anthropic-ratelimit-tokens-limit": "200000", "anthropic-ratelimit-tokens-remaining": "0",
            "anthropic-ratelimit-input-tokens-limit": "100", "anthropic-ratelimit-input-tokens-remaining": "90",
            "anthropic-ratelimit-output-tokens-limit": "50", "anthropic-ratelimit-output-tokens-remaining": "40",
            "anthropic-ratelimit-requests-reset": "2026-11-22T00:00:00Z",
        ]
        (expected.inputTokenLimit, expected.inputTokensRemaining) = (100, 90)
        (expected.outputTokenLimit, expected.outputTokensRemaining) = (50, 40)
        #expect(ResponseHeaders.limits(anthropic) == expected)
        let nonsense: HTTPHeaders = [
            "x-ratelimit-limit-requests": "0", "x-ratelimit-remaining-requests": "-1",
            "x-ratelimit-limit-tokens": "-1", "x-ratelimit-remaining-tokens": "0",
            "anthropic-ratelimit-input-tokens-limit": "many", "anthropic-ratelimit-output-tokens-remaining": "1.5",
        ]
        #expect(ResponseHeaders.limits(nonsense) == ReportedLimits())
    }
}
