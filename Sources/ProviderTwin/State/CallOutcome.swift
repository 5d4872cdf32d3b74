/// How one model call ended.
struct CallOutcome {
    var endpoint: Endpoint
    var model: String?
    /// The status sent; 0 when the connection ended before any.
    var status: Int
    /// Zero unless the reply was sent in full.
    var inputTokens: Int
    /// Zero unless the reply was sent in full.
    var outputTokens: Int
}
