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

    /// How long the provider asks to wait: `retry-after-ms`, else `retry-after` in seconds or as a date.
    ///
    /// - Parameter now: seconds since 1970, used if the response has no readable `Date`.
    static func retryAfter(_ headers: HTTPHeaders, now: Double) -> Duration? {
        let now = clock(headers, now)
        if let milliseconds = headers["retry-after-ms"].flatMap(Double.init) {
            return ToldWait.length(milliseconds / 1000).duration(now: now)
        }
        for name in ["retry-after", "x-retry-after"] {
            if let text = headers[name] { return ToldWait(text)?.duration(now: now) }
        }
        return nil
    }

    /// When a limit that was reached is reset, as told by `x-ratelimit-reset-tokens: 6m0s`,
    /// `anthropic-ratelimit-requests-reset: 2026-11-26T15:04:05Z`, and what others have made of them.
    ///
    /// Of the limits of which nothing remains the last one; if none says so, of those that the error names, else of those
    /// that do not say what remains. If all say that something does, the first: one of them was too little, and to ask
    /// too early costs less than to wait for a window of a day that has room.
    /// - Parameter words: of the error.
    static func reset(_ headers: HTTPHeaders, naming words: Set<String>, now: Double) -> Duration? {
        let now = clock(headers, now)
        var all: [(name: String, isUsedUp: Bool?, wait: Duration)] = []
        for field in headers.fields {
            let name = field.name.lowercased()
            guard name.contains("ratelimit"), name.contains("reset"),
                let wait = ToldWait(field.value)?.duration(now: now)
            else { continue }
            let remaining = headers[name.replacing("reset", with: "remaining")].flatMap(Double.init)
            all.append((name, remaining.map { $0 <= 0 }, wait))
        }
        let usedUp = all.filter { $0.isUsedUp == true }
        if !usedUp.isEmpty { return usedUp.map(\.wait).max() }
        let named = all.filter { limit in words.contains { limit.name.hasSuffix($0) || limit.name.contains("-\($0)-") }
        }
        if !named.isEmpty { return named.map(\.wait).max() }
        return all.filter { $0.isUsedUp == nil }.map(\.wait).max() ?? all.map(\.wait).min()
    }

    static func requestID(_ headers: HTTPHeaders) -> String? {
        headers["x-request-id"] ?? headers["request-id"]
    }

    /// The peer's own clock, so that a difference of clocks does not count.
    private static func clock(_ headers: HTTPHeaders, _ now: Double) -> Double {
        headers["date"].flatMap(HTTPDate.seconds) ?? now
    }
}
