/// Why something does not move, in words for people who do not know the code.
package struct WaitExplanation: Sendable, Equatable {
    /// A stable word for programs: `dependency`, `pause`, `fair_share`, ... or a step's wait reason.
    package var reason: String
    /// What it waits for: a sentence without its full stop.
    package var what: String
    /// Microseconds since 1970-01-01 UTC; nil if the rows do not say.
    package var since: Int?
    /// When it ends by itself at the latest; nil if that depends on something else.
    package var until: Int?
    /// What would start it: a sentence without its full stop.
    package var start: String

    package init(_ reason: String, _ what: String, since: Int? = nil, until: Int? = nil, start: String) {
        self.reason = reason
        self.what = what
        self.since = since
        self.until = until
        self.start = start
    }
}

extension WaitExplanation {
    /// Nothing goes on, whatever else keeps it: nil if a scheduler works, or nobody knows.
    ///
    /// - Parameter silence: since one last advanced something, in seconds.
    static func schedulerStands(silence: Double?) -> WaitExplanation? {
        guard let silence, silence > SchedulerFacts.longestSilence else { return nil }
        return WaitExplanation(
            "scheduler", "no scheduler has advanced anything for \(Int(silence)) s",
            start: "a scheduler that runs: mixmyai health says which part is ill")
    }
}

extension StepOutcome.WaitReason {
    /// Of a step that is parked for this reason until `until`.
    package func explanation(since: Int?, until: Int?, error: String?, throttles: Int = 0) -> WaitExplanation {
        let last = error.map { "; the last attempt ended with: \($0)" } ?? ""
        let (what, start) =
            switch self {
            case .backoff:
                (
                    "it waits before its next attempt\(last)",
                    "nothing but time: it is tried again when the pause is over"
                )
            case .reservedTurn:
                (
                    "a turn in its provider's rate limit is reserved for it",
                    "its turn; a higher limit helps those after it: mixmyai limit set PROVIDER --rpm N --tpm N"
                )
            case .rateLimitCapacity:
                (
                    "its provider's rate limit is used up for longer than turns are reserved ahead",
                    "capacity: others' calls leave the window of a minute, or mixmyai limit set PROVIDER --rpm N --tpm N"
                )
            case .concurrencyLimit:
                (
                    "as many calls are under way as its provider's limit allows at once",
                    "a call that ends; more workers do not help, a higher limit does: "
                        + "mixmyai limit set PROVIDER --concurrency N"
                )
            case .providerRateLimit:
                (
                    "the provider itself refused for want of capacity (\(throttles) times in a row)\(last)",
                    "the provider's pause; a configured limit below the provider's avoids it: mixmyai limit list"
                )
            case .limiterUnavailable:
                (
                    "the rate limiter cannot be asked: without it nothing is sent",
                    "Redis, when it answers again: mixmyai doctor"
                )
            case .circuitOpen:
                (
                    "no model that it may ask is called at present: its circuit is open\(last)",
                    "a probe that succeeds, or mixmyai circuit reset; which and why: mixmyai circuit list"
                )
            case .paused:
                ("it was paused", "mixmyai queue resume, for its type, its user or its batch")
            }
        return WaitExplanation(rawValue, what, since: since, until: until, start: start)
    }
}
