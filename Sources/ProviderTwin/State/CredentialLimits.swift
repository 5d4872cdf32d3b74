/// The limits that hold for each credential and model.
struct CredentialLimits: Equatable {
    var requestsPerMinute: Int?
    var tokensPerMinute: Int?

    /// The first limit that one more request would exceed.
    ///
    /// OpenAI counts input and output together, Anthropic counts each against the limit.
    func excess(
        provider: Provider, window: SlidingWindow, now: UInt64, inputTokens: Int, outputTokens: Int
    ) -> RateLimitExcess? {
        let sums = window.current
        if let limit = requestsPerMinute, sums.requests + 1 > limit {
            return RateLimitExcess(
                measure: .requests, limit: limit, used: sums.requests, requested: 1,
                waitNanoseconds: window.wait(from: now) { $0.requests + 1 <= limit }
            )
        }
        guard let limit = tokensPerMinute else { return nil }
        switch provider {
        case .openAI:
            let requested = inputTokens + outputTokens
            return excess(.tokens, limit, requested, window, now) { $0.inputTokens + $0.outputTokens }
        case .anthropic:
            return excess(.inputTokens, limit, inputTokens, window, now) { $0.inputTokens }
                ?? excess(.outputTokens, limit, outputTokens, window, now) { $0.outputTokens }
        }
    }

    func snapshot(window: SlidingWindow, now: UInt64) -> RateLimitSnapshot? {
        if requestsPerMinute == nil, tokensPerMinute == nil { return nil }
        return RateLimitSnapshot(
            requestLimit: requestsPerMinute, tokenLimit: tokensPerMinute, used: window.current,
            resetNanoseconds: window.timeUntilEmpty(from: now)
        )
    }

    private func excess(
        _ measure: RateLimitExcess.Measure, _ limit: Int, _ requested: Int, _ window: SlidingWindow, _ now: UInt64,
        _ used: (SlidingWindow.Sums) -> Int
    ) -> RateLimitExcess? {
        let inUse = used(window.current)
        guard inUse + requested > limit else { return nil }
        let wait = requested > limit ? nil : window.wait(from: now) { used($0) + requested <= limit }
        return RateLimitExcess(measure: measure, limit: limit, used: inUse, requested: requested, waitNanoseconds: wait)
    }
}
