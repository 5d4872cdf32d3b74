/// The limit a request would have exceeded.
struct RateLimitExcess: Equatable {
    /// The measure that is full.
    enum Measure: String {
        case requests
        case tokens
        case inputTokens = "input tokens"
        case outputTokens = "output tokens"
    }

    var measure: Measure
    var limit: Int
    var used: Int
    var requested: Int
    /// Nil when the request alone is larger than the limit.
    var waitNanoseconds: UInt64?
}
