/// A way in which the twin misbehaves on purpose.
package enum FaultKind: String, CaseIterable, Sendable {
    /// 429 with `retry-after`.
    case rateLimit = "rate_limit"
    /// 529 (Anthropic) or 503 `server_is_overloaded` (OpenAI).
    case overloaded
    /// 500.
    case serverError = "server_error"
    /// The request is accepted and nothing is answered until the client leaves or the time-out ends.
    case timeout
    /// The connection is closed in the middle of the answer, without a closing event.
    case truncatedStream = "truncated_stream"
    /// The answer text is broken JSON in a sound envelope.
    case malformedJSON = "malformed_json"
    /// The answer text is JSON that lacks a required property.
    case badSchema = "bad_schema"
    /// The model declines to answer, with HTTP status 200.
    case refusal
    /// 429 that waiting does not cure: the account's money or spend limit is used up.
    case quotaExhausted = "quota_exhausted"
    /// The answer arrives in small pieces with pauses in between.
    case slowBytes = "slow_bytes"
    /// The answer text is as asked for, but has a NUL character, which PostgreSQL cannot hold.
    case unstorableText = "unstorable_text"

    /// Every name a setting may use, for messages.
    static var allowedNames: String { allCases.map(\.rawValue).joined(separator: ", ") }
}
