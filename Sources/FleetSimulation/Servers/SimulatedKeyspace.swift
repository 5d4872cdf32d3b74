import RedisClient

/// The keys of a simulated Redis, and the commands that the limiter uses.
///
/// Not Sendable: see ``LuaMachine``.
final class SimulatedKeyspace {
    private var hashes: [String: [String: String]] = [:]
    private var sets: [String: [String: Double]] = [:]
    private var expiries: [String: Int] = [:]
    private let clock: () -> Int

    /// - Parameter clock: microseconds since 1970, as this server reads them.
    init(clock: @escaping () -> Int) {
        self.clock = clock
    }

    func flush() {
        (hashes, sets, expiries) = ([:], [:], [:])
    }

    func run(_ arguments: [String]) -> RedisValue {
        let name = arguments.first ?? ""
        let key = arguments.count > 1 ? arguments[1] : ""
        // A key without members is not there any more.
        defer {
            if hashes[key]?.isEmpty ?? false { hashes[key] = nil }
            if sets[key]?.isEmpty ?? false { sets[key] = nil }
        }
        if let expiry = expiries[key], expiry <= clock() / 1000 {
            (hashes[key], sets[key], expiries[key]) = (nil, nil, nil)
        }
        switch name {
        case "TIME":
            let now = clock()
            return .array([text(String(now / 1_000_000)), text(String(now % 1_000_000))])
        case "INFO": return text("run_id:simulated")
        case "HGET": return hashes[key]?[arguments[2]].map(text) ?? .null
        case "HMGET": return .array(arguments.dropFirst(2).map { hashes[key]?[$0].map(text) ?? .null })
        case "HSETNX":
            guard hashes[key]?[arguments[2]] == nil else { return .integer(0) }
            hashes[key, default: [:]][arguments[2]] = arguments[3]
            return .integer(1)
        case "DEL":
            let isThere = hashes[key] != nil || sets[key] != nil
            (hashes[key], sets[key], expiries[key]) = (nil, nil, nil)
            return .integer(isThere ? 1 : 0)
        case "HSET":
            for index in stride(from: 2, to: arguments.count - 1, by: 2) {
                hashes[key, default: [:]][arguments[index]] = arguments[index + 1]
            }
            return .integer(1)
        case "HINCRBY":
            let sum = (Int(hashes[key]?[arguments[2]] ?? "0") ?? 0) + (Int(arguments[3]) ?? 0)
            hashes[key, default: [:]][arguments[2]] = String(sum)
            return .integer(sum)
        case "HDEL":
            return .integer(arguments.dropFirst(2).count { hashes[key]?.removeValue(forKey: $0) != nil })
        case "PEXPIRE":
            guard hashes[key] != nil || sets[key] != nil else { return .integer(0) }
            expiries[key] = clock() / 1000 + (Int(arguments[2]) ?? 0)
            return .integer(1)
        case "ZADD":
            let before = sets[key]?.count ?? 0
            for index in stride(from: 2, to: arguments.count - 1, by: 2) {
                sets[key, default: [:]][arguments[index + 1]] = Double(arguments[index]) ?? 0
            }
            return .integer((sets[key]?.count ?? 0) - before)
        case "ZCARD": return .integer(sets[key]?.count ?? 0)
        case "ZREM": return .integer(sets[key]?.removeValue(forKey: arguments[2]) == nil ? 0 : 1)
        case "ZSCORE": return sets[key]?[arguments[2]].map { text(redisNumber($0)) } ?? .null
        case "ZREMRANGEBYSCORE":
            let limit = Double(arguments[3]) ?? 0
            let before = sets[key]?.count ?? 0
            sets[key] = sets[key]?.filter { $0.value > limit }
            return .integer(before - (sets[key]?.count ?? 0))
        default: preconditionFailure("the simulated Redis does not know \(name)")
        }
    }

    private func text(_ string: String) -> RedisValue { .bulk(Array(string.utf8)) }
}
