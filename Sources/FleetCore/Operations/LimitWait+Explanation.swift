/// A wait in words for people who do not know the code.
extension LimitWait {
    /// For programs: what a step is parked with if it waits for so long that its place is given to others.
    var reason: String {
        switch cause {
        case .rate: StepOutcome.WaitReason.rateLimitCapacity.rawValue
        case .concurrency: StepOutcome.WaitReason.concurrencyLimit.rawValue
        case .pause: StepOutcome.WaitReason.providerRateLimit.rawValue
        case .warmUp: "limit_warm_up"
        }
    }

    /// A sentence without its full stop.
    var what: String {
        switch cause {
        case .rate: "the limit per minute of \(place) is used up"
        case .concurrency: "as many calls of \(place) are under way as its limit allows at once"
        case .pause: "nobody calls \(place) for a moment: the provider asked for a pause, or Redis lost its memory"
        case .warmUp: "until \(place) has answered and told its limits, only a few calls go out"
        }
    }

    /// What would start it.
    var start: String {
        switch cause {
        case .rate:
            "calls that leave the window of a minute, or a higher limit: mixmyai limit set \(place) --rpm N --tpm N"
        case .concurrency: "a call that ends, or a higher limit: mixmyai limit set \(place) --concurrency N"
        case .pause: "the end of the pause"
        case .warmUp: "its first answers"
        }
    }

    /// In a few words, for a list.
    package var short: String {
        switch cause {
        case .rate: "the rate limit of \(place)"
        case .concurrency: "the limit of calls at once of \(place)"
        case .pause: "a pause of \(place)"
        case .warmUp: "the first answers of \(place)"
        }
    }

    private var place: String { "\(provider)/\(limitClass)" }
}
