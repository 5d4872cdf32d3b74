import FleetCore

/// Which of a class's limits change, and to what.
struct LimitChange: Sendable, Equatable {
    var requests: LimitValue?
    var tokens: LimitValue?
    var inputTokens: LimitValue?
    var outputTokens: LimitValue?
    var concurrency: LimitValue?

    var isEmpty: Bool { self == LimitChange() }

    /// What is not named keeps its value.
    func apply(to limits: inout RateLimits) {
        if let requests { limits.requests = requests.number }
        if let tokens { limits.tokens = tokens.number }
        if let inputTokens { limits.inputTokens = inputTokens.number }
        if let outputTokens { limits.outputTokens = outputTokens.number }
        if let concurrency { limits.concurrency = concurrency.number }
    }
}
