/// The prompt prefixes that were written lately, for all credentials; bounded, the oldest go first.
///
/// A prefix lives 30 minutes from when it was written; reading does not prolong that. Only prefixes of at least 1,024
/// tokens count, in steps of 128.
struct PromptCache {
    static let life: UInt64 = 30 * 60 * 1_000_000_000
    static let leastTokens = 1024
    static let step = 128
    static let mostPrefixes = 65_536

    private var written: [UInt64: UInt64] = [:]
    private var order: [(hash: UInt64, time: UInt64)] = []
    private var oldest = 0

    /// Reads and writes what the request's policy allows.
    ///
    /// - Parameter now: monotonic nanoseconds
    mutating func use(_ request: TwinRequest, credential: String, now: UInt64) -> (read: Int, write: Int) {
        guard request.cachePolicy != .none, request.inputTokens >= Self.leastTokens else { return (0, 0) }
        let base = StableHash.of(0xCAC4E, credential, request.model, request.cacheKey)
        let candidates =
            request.cachePolicy == .breakpoints
            ? request.cacheBorders.filter(\.isMarked) : Array(request.cacheBorders.suffix(1))
        let borders = candidates.filter { $0.tokens >= Self.leastTokens }
        let prefixes = borders.map { (tokens: $0.tokens, hash: StableHash.mix(base ^ $0.hash)) }
        let known = prefixes.last { isAlive($0.hash, at: now) }
        let read = known.map { Self.rounded($0.tokens) } ?? 0
        for prefix in prefixes where !isAlive(prefix.hash, at: now) { insert(prefix.hash, at: now) }
        guard request.cachePolicy != .readsOnly, let last = prefixes.last else { return (read, 0) }
        return (read, max(0, Self.rounded(last.tokens) - read))
    }

    private func isAlive(_ hash: UInt64, at now: UInt64) -> Bool {
        written[hash].map { now < $0 + Self.life } ?? false
    }

    private mutating func insert(_ hash: UInt64, at now: UInt64) {
        written[hash] = now
        if order.count < Self.mostPrefixes {
            order.append((hash, now))
            return
        }
        let gone = order[oldest]
        // A prefix that was written again later stays.
        if written[gone.hash] == gone.time, gone.hash != hash { written[gone.hash] = nil }
        order[oldest] = (hash, now)
        oldest = (oldest + 1) % Self.mostPrefixes
    }

    private static func rounded(_ tokens: Int) -> Int { tokens / step * step }
}
