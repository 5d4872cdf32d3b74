/// The metrics of calls to models.
public struct CallMeter: Sendable {
    /// `provider`, `model`, `outcome`.
    public let calls: Counter
    /// `model`.
    public let inFlight: Gauge
    /// `provider`, `model`.
    public let duration: Histogram
    /// `provider`, `model`.
    public let timeToFirstToken: Histogram
    /// `provider`, `model`, `direction`, `cache`.
    public let tokens: Counter
    /// US dollars: `provider`, `model`.
    public let cost: Counter
    /// `kind`, `model`.
    public let invalidAnswers: Counter
    /// `model`.
    public let rateLimitWait: Histogram

    /// Registers the metrics, or finds them if they are.
    public init(_ registry: MetricsRegistry) {
        calls = registry.counter(MetricNames.calls)
        inFlight = registry.gauge(MetricNames.callsInFlight)
        duration = registry.histogram(MetricNames.callDuration)
        timeToFirstToken = registry.histogram(MetricNames.timeToFirstToken)
        tokens = registry.counter(MetricNames.tokens)
        cost = registry.counter(MetricNames.cost)
        invalidAnswers = registry.counter(MetricNames.invalidAnswers)
        rateLimitWait = registry.histogram(MetricNames.rateLimitWait)
    }

    /// Counts a call that ended. `inputTokens` includes the tokens read from and written to the provider's cache.
    public func ended(
        provider: String, model: String, outcome: String, duration elapsed: Duration, inputTokens: Int,
        cacheReadTokens: Int, cacheWriteTokens: Int, outputTokens: Int, costUSD: Double
    ) {
        calls.increment(provider, model, outcome)
        duration.observe(elapsed, provider, model)
        let uncached = max(0, inputTokens - cacheReadTokens - cacheWriteTokens)
        count(uncached, provider, model, direction: "input", cache: "none")
        count(cacheReadTokens, provider, model, direction: "input", cache: "read")
        count(cacheWriteTokens, provider, model, direction: "input", cache: "write")
        count(outputTokens, provider, model, direction: "output", cache: "none")
        if costUSD > 0 { cost.add(costUSD, provider, model) }
    }

    private func count(_ number: Int, _ provider: String, _ model: String, direction: String, cache: String) {
        if number > 0 { tokens.increment(by: number, provider, model, direction, cache) }
    }
}
