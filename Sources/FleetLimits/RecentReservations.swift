import DequeModule
import FleetCore

/// This worker's calls of the last minute: what Redis has to be told again if it lost its memory.
struct RecentReservations {
    struct Call {
        var reservation: Reservation
        /// The incarnation of the state that counts it.
        var epoch: String
        var start: Duration
        /// When the call is over at the latest; nil: it is over, and the reservation's estimate is what it used.
        var end: Duration?
    }

    /// Calls are remembered until no window contains them any more.
    static let memory: Duration = .seconds(61)

    private var calls: [RateLimitKey: [String: Call]] = [:]
    /// How many calls each incarnation counts, so that nothing has to be looked through as long as there is only one.
    private var epochs: [RateLimitKey: [String: Int]] = [:]
    /// Oldest first.
    private var order: Deque<(key: RateLimitKey, holder: String)> = []

    var keys: [RateLimitKey] { Array(calls.keys) }

    mutating func begin(_ call: Call) {
        let (key, holder) = (call.reservation.key, call.reservation.holder)
        calls[key, default: [:]][holder] = call
        epochs[key, default: [:]][call.epoch, default: 0] += 1
        order.append((key, holder))
    }

    /// The call is over: from now on its reservation says what it used; nil: nothing, it was not sent.
    ///
    /// - Returns: the reservation as it was counted last.
    mutating func end(_ reservation: Reservation, usage: TokenUsage?) -> Reservation {
        guard var call = calls[reservation.key]?[reservation.holder] else { return reservation }
        let counted = call.reservation
        guard let usage else {
            remove(reservation.key, reservation.holder)
            return counted
        }
        call.end = nil
        call.reservation.estimate = TokenEstimate(usage)
        calls[reservation.key]?[reservation.holder] = call
        return counted
    }

    /// Forgets what no window contains any more.
    mutating func forget(at now: Duration) {
        for _ in 0..<order.count {
            guard let (key, holder) = order.first else { return }
            if let call = calls[key]?[holder] {
                guard call.start < now - Self.memory else { return }
                order.removeFirst()
                // Still in flight: it is looked at again later.
                if call.end != nil { order.append((key, holder)) } else { remove(key, holder) }
            } else {
                order.removeFirst()
            }
        }
    }

    /// Holders whose calls are in flight, by bucket set. One that nobody ended in time is not renewed for ever.
    func inFlight(at now: Duration) -> [RateLimitKey: [String]] {
        calls.mapValues { calls in
            calls.compactMap { holder, call in (call.end.map { now < $0 } ?? false) ? holder : nil }.sorted()
        }.filter { !$0.value.isEmpty }
    }

    /// Those that another incarnation than this one counted.
    func missing(_ key: RateLimitKey, in epoch: String) -> [Call] {
        guard epochs[key]?.contains(where: { $0.key != epoch }) ?? false else { return [] }
        return (calls[key] ?? [:]).values.filter { $0.epoch != epoch }
    }

    /// This incarnation counts it now.
    mutating func restored(_ call: Call, epoch: String, cell: String) {
        let (key, holder) = (call.reservation.key, call.reservation.holder)
        guard let old = calls[key]?[holder]?.epoch else { return }
        count(key, old, -1)
        count(key, epoch, 1)
        calls[key]?[holder]?.epoch = epoch
        calls[key]?[holder]?.reservation.cell = cell
    }

    private mutating func remove(_ key: RateLimitKey, _ holder: String) {
        guard let call = calls[key]?.removeValue(forKey: holder) else { return }
        count(key, call.epoch, -1)
        if calls[key]?.isEmpty ?? false { calls[key] = nil }
    }

    private mutating func count(_ key: RateLimitKey, _ epoch: String, _ change: Int) {
        let sum = (epochs[key]?[epoch] ?? 0) + change
        epochs[key, default: [:]][epoch] = sum > 0 ? sum : nil
        if epochs[key]?.isEmpty ?? false { epochs[key] = nil }
    }
}
