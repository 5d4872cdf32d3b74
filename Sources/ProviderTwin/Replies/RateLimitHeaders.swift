import HTTPTypes
import UTC

/// Rate-limit and retry headers in each provider's format.
enum RateLimitHeaders {
    static func add(
        _ snapshot: RateLimitSnapshot, provider: Provider, wallMilliseconds: Int, to fields: inout HTTPFields
    ) {
        switch provider {
        case .openAI: addOpenAI(snapshot, to: &fields)
        case .anthropic: addAnthropic(snapshot, wallMilliseconds, to: &fields)
        }
    }

    static func addRetry(_ failure: ProviderFailure, provider: Provider, to fields: inout HTTPFields) {
        if let milliseconds = failure.retryAfterMilliseconds {
            set("retry-after", String((milliseconds + 999) / 1000), &fields)
            if provider == .openAI { set("retry-after-ms", String(milliseconds), &fields) }
        }
        if provider == .openAI, let shouldRetry = failure.shouldRetry {
            set("x-should-retry", shouldRetry ? "true" : "false", &fields)
        }
    }

    private static func addOpenAI(_ snapshot: RateLimitSnapshot, to fields: inout HTTPFields) {
        let reset = duration(milliseconds: Int(snapshot.resetNanoseconds / 1_000_000))
        if let limit = snapshot.requestLimit {
            set("x-ratelimit-limit-requests", String(limit), &fields)
            set("x-ratelimit-remaining-requests", String(max(0, limit - snapshot.used.requests)), &fields)
            set("x-ratelimit-reset-requests", reset, &fields)
        }
        if let limit = snapshot.tokenLimit {
            let used = snapshot.used.inputTokens + snapshot.used.outputTokens
            set("x-ratelimit-limit-tokens", String(limit), &fields)
            set("x-ratelimit-remaining-tokens", String(max(0, limit - used)), &fields)
            set("x-ratelimit-reset-tokens", reset, &fields)
        }
    }

    private static func addAnthropic(
        _ snapshot: RateLimitSnapshot, _ wallMilliseconds: Int, to fields: inout HTTPFields
    ) {
        let reset = Timestamp.iso8601(
            microseconds: (wallMilliseconds + Int(snapshot.resetNanoseconds / 1_000_000) + 999) * 1000, fraction: .none)
        var measures: [(name: String, limit: Int?, used: Int)] = [
            ("requests", snapshot.requestLimit, snapshot.used.requests)
        ]
        measures.append(("input-tokens", snapshot.tokenLimit, snapshot.used.inputTokens))
        measures.append(("output-tokens", snapshot.tokenLimit, snapshot.used.outputTokens))
        // The combined pair states the limit that is closest to being reached.
        measures.append(("tokens", snapshot.tokenLimit, max(snapshot.used.inputTokens, snapshot.used.outputTokens)))
        for (name, limit, used) in measures {
            guard let limit else { continue }
            set("anthropic-ratelimit-\(name)-limit", String(limit), &fields)
            set("anthropic-ratelimit-\(name)-remaining", String(max(0, limit - used)), &fields)
            set("anthropic-ratelimit-\(name)-reset", reset, &fields)
        }
    }

    /// OpenAI's duration text: `12ms`, `1.5s`, `6m0s`.
    static func duration(milliseconds: Int) -> String {
        if milliseconds < 1000 { return "\(milliseconds)ms" }
        let (minutes, rest) = (milliseconds / 60_000, milliseconds % 60_000)
        let tenths = rest / 100
        let seconds = tenths % 10 == 0 ? "\(tenths / 10)s" : "\(tenths / 10).\(tenths % 10)s"
        return minutes > 0 ? "\(minutes)m\(seconds)" : seconds
    }

    private static func set(_ name: String, _ value: String, _ fields: inout HTTPFields) {
        if let name = HTTPField.Name(name) { fields[name] = value }
    }
}
