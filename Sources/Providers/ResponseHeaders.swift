internal import FleetCore
internal import HTTPTransport

/// What response headers say about limits and waiting.
enum ResponseHeaders {
    /// The limits that a response reported. Zero and negative limits, which some hosts send for "unknown", and
    /// anything that is no number are ignored; zero remaining counts only beside a limit.
    static func limits(_ headers: HTTPHeaders) -> ReportedLimits {
        var limits = ReportedLimits()
        func read(_ prefix: String, _ what: String, anthropicOrder: Bool) -> (limit: Int?, remaining: Int?) {
            func value(_ kind: String) -> Int? {
                headers[anthropicOrder ? "\(prefix)-\(what)-\(kind)" : "\(prefix)-\(kind)-\(what)"]
                    .flatMap { Int($0) }
            }
            let limit = value("limit").flatMap { $0 > 0 ? $0 : nil }
            let remaining = value("remaining").flatMap { $0 > 0 || ($0 == 0 && limit != nil) ? $0 : nil }
            return (limit, remaining)
        }
        (limits.requestLimit, limits.requestsRemaining) = read("x-ratelimit", "requests", anthropicOrder: false)
        (limits.tokenLimit, limits.tokensRemaining) = read("x-ratelimit", "tokens", anthropicOrder: false)
        let anthropic = "anthropic-ratelimit"
        if limits.requestLimit == nil, limits.requestsRemaining == nil {
            (limits.requestLimit, limits.requestsRemaining) = read(anthropic, "requests", anthropicOrder: true)
        }
        if limits.tokenLimit == nil, limits.tokensRemaining == nil {
            (limits.tokenLimit, limits.tokensRemaining) = read(anthropic, "tokens", anthropicOrder: true)
        }
        (limits.inputTokenLimit, limits.inputTokensRemaining) = read(anthropic, "input-tokens", anthropicOrder: true)
        (limits.outputTokenLimit, limits.outputTokensRemaining) = read(
            anthropic, "output-tokens", anthropicOrder: true)
        return limits
    }

    /// How long the provider asks to wait: `retry-after-ms`, else `retry-after` in seconds or as an HTTP date.
    ///
    /// - Parameter now: seconds since 1970, used if the response has no readable `Date`.
    static func retryAfter(_ headers: HTTPHeaders, now: Double) -> Duration? {
        if let milliseconds = headers["retry-after-ms"].flatMap(Double.init) { return duration(milliseconds / 1000) }
        guard let text = headers["retry-after"] else { return nil }
        if let seconds = Double(text) { return duration(seconds) }
        guard let date = HTTPDate.seconds(text) else { return nil }
        // The peer's own clock, so that a difference of clocks does not count.
        return duration(date - (headers["date"].flatMap(HTTPDate.seconds) ?? now))
    }

    static func requestID(_ headers: HTTPHeaders) -> String? {
        headers["x-request-id"] ?? headers["request-id"]
    }

    /// Nothing for the past and for nonsense; at most a day, so that a typing error does not stop a lane for ever.
    private static func duration(_ seconds: Double) -> Duration? {
        guard seconds.isFinite, seconds >= 0 else { return nil }
        return .milliseconds(Int((min(seconds, 86_400) * 1000).rounded(.up)))
    }
}
