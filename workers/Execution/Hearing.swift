import FleetCore

/// What a worker hears from its queues, and whether it has gone deaf to one: pure bookkeeping.
///
/// A subscription that the broker has dropped without the worker's noticing looks like a queue without work. The
/// canaries tell the difference: they go by.
struct Hearing {
    private struct Ear {
        var canary = 0
        var canaryAt: Duration?
        var quietSince: Duration
        var subscribedAt: Duration
        /// The canary that was the last one when the quiet began; nil: not known yet.
        var lastBefore: Int?
        var isDeaf = false
    }

    /// Between two reports of what changes all the time.
    private static let pace: Duration = .seconds(2)

    private var ears: [String: Ear]
    private var reportedAt: Duration?
    private var hasNews = true

    init(agentTypes: [String], at now: Duration) {
        ears = Dictionary(
            agentTypes.map { ($0, Ear(quietSince: now, subscribedAt: now)) }, uniquingKeysWith: { first, _ in first })
    }

    /// Agent types whose canaries go by although the worker has places free.
    var deafTo: [String] { ears.filter(\.value.isDeaf).keys.sorted() }

    /// Something was delivered.
    ///
    /// - Parameter canary: its number, if it was one.
    mutating func heard(_ agentType: String, canary: Int? = nil, at now: Duration) {
        guard var ear = ears[agentType] else { return }
        if ear.isDeaf { hasNews = true }
        ear.quietSince = now
        ear.lastBefore = nil
        ear.isDeaf = false
        if let canary {
            hasNews = true
            ear.canary = canary
            ear.canaryAt = now
        }
        ears[agentType] = ear
    }

    /// It does not want all that comes: nothing can be missed.
    mutating func rest(at now: Duration) {
        for type in ears.keys {
            ears[type]?.quietSince = now
            ears[type]?.subscribedAt = now
            ears[type]?.lastBefore = nil
        }
    }

    /// - Returns: whether it should subscribe again: too much went by since it was quiet, or since it last did.
    mutating func learn(_ news: [CanaryNews], at now: Duration) -> Bool {
        let deaf = news.filter { isDeaf(to: $0, at: now) }.map(\.agentType)
        for type in deaf {
            ears[type]?.isDeaf = true
            hasNews = true
        }
        guard !deaf.isEmpty else { return false }
        // All of them are subscribed again.
        for type in ears.keys {
            ears[type]?.lastBefore = nil
            ears[type]?.subscribedAt = now
        }
        return true
    }

    private mutating func isDeaf(to queue: CanaryNews, at now: Duration) -> Bool {
        guard let ear = ears[queue.agentType] else { return false }
        guard let last = ear.lastBefore, last <= queue.number else {
            // Just quiet, or the rows are others than before.
            ears[queue.agentType]?.lastBefore = queue.number
            return false
        }
        // Others take them, or nobody at all does.
        let quiet = now - max(ear.quietSince, ear.subscribedAt)
        return queue.number - last > Canary.passedBy(consumers: queue.consumers)
            || (quiet > Canary.patience && queue.silence.map { $0 > Canary.patience } ?? false)
    }

    /// What to tell now; nil: nothing new. Taken for told, unless ``untold()``.
    ///
    /// - Parameter time: a moment by the database's clock, in microseconds.
    mutating func report(at now: Duration, _ time: (Duration) -> Int) -> [String: QueueHearing]? {
        guard hasNews || reportedAt.map({ now - $0 >= Self.pace }) ?? true else { return nil }
        (reportedAt, hasNews) = (now, false)
        return ears.mapValues { ear in
            QueueHearing(
                canary: ear.canary, canaryAt: ear.canaryAt.map(time), quietSince: time(ear.quietSince),
                isDeaf: ear.isDeaf)
        }
    }

    /// The report did not arrive.
    mutating func untold() { hasNews = true }
}
