/// The tokens of one call in the classes that have prices; no token is in two of them.
struct Usage: Sendable, Equatable {
    var uncachedInput = 0
    var cacheRead = 0
    var cacheWrite = 0
    /// Everything generated, reasoning included.
    var output = 0
    /// The part of the output that was reasoning.
    var reasoning = 0

    /// The whole prompt.
    var input: Int { uncachedInput + cacheRead + cacheWrite }

    /// The same prompt with only so much of the output; reasoning comes first.
    func withOutput(_ tokens: Int) -> Usage {
        var usage = self
        usage.output = min(max(0, tokens), output)
        usage.reasoning = min(reasoning, usage.output)
        return usage
    }
}
