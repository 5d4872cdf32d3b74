/// Where the next look at the wake-ups begins.
///
/// As long as an old snapshot lives (a backup, a long report), PostgreSQL keeps index entries of deleted rows: whoever
/// always began at the left end would pass all of them each time, and the more the longer it lasts. Ids rise, so the look
/// begins at the lowest one that was taken a moment ago. One that commits later than others with larger ids is found as
/// well, unless it is seconds late: then by the whole look, which happens every ``wholeLookInterval``.
struct WakeUpCursor {
    /// How long one start is kept; a commit may be late by at least as much.
    static let period: Duration = .seconds(1)
    static let wholeLookInterval: Duration = .seconds(3)

    private var start = 0
    private var lowest: Int?
    private var periodEnd: ContinuousClock.Instant
    private var nextWholeLook: ContinuousClock.Instant

    /// The first look is a whole one.
    init(at now: ContinuousClock.Instant) {
        periodEnd = now + Self.period
        nextWholeLook = now
    }

    /// Only ids above are looked at; 0: all.
    mutating func begin(at now: ContinuousClock.Instant) -> Int {
        if now >= periodEnd {
            if let lowest { start = lowest - 1 }
            lowest = nil
            periodEnd = now + Self.period
        }
        guard now >= nextWholeLook else { return start }
        nextWholeLook = now + Self.wholeLookInterval
        return 0
    }

    mutating func took(lowest id: Int) {
        lowest = min(lowest ?? id, id)
    }
}
