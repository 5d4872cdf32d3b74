/// What keeps a batch from being done sooner.
package struct BatchBinding: Sendable, Equatable {
    /// A stable word for programs: `pause`, `workers`, `no_worker`, `admission`, `calls`, ... or a step's wait reason.
    package var reason: String
    /// For people: a few words.
    package var what: String

    package init(_ reason: String, _ what: String) {
        self.reason = reason
        self.what = what
    }
}

extension BatchFacts {
    /// The pause if there is one; else what most of its waiting steps wait for; else what new tasks wait for; else the calls
    /// that are being made. Nil if nothing of it is open.
    ///
    /// Where places are what is waited for, and a tenth of those who have one wait for a limit in it, it is the limit:
    /// further places would be full of the same.
    package var binding: BatchBinding? {
        if let hold = holds.min(by: { $0.since < $1.since }) {
            return BatchBinding("pause", "paused by \(hold.actor): \(hold.reason)")
        }
        let limit = limitOfPlaces
        let most = waiting.filter { $0.state != .running }.max { ($0.steps, $1.agentType) < ($1.steps, $0.agentType) }
        if let most {
            let binding = binding(of: most)
            return binding.reason == "workers" ? limit ?? binding : binding
        }
        if let limit { return limit }
        if let pending = tasks[.pending], pending > 0 {
            return BatchBinding("admission", "room in the first queue: workers, or their places")
        }
        if let running = waiting.max(by: { ($0.steps, $1.agentType) < ($1.steps, $0.agentType) }) {
            return BatchBinding("calls", "the answers of models, most of them for \(running.agentType)")
        }
        return nil
    }

    private var limitOfPlaces: BatchBinding? {
        let running = waiting.filter { $0.state == .running }
        let limited = running.filter { $0.limitWait != nil }
        let (all, waitingThere) = (running.map(\.steps).reduce(0, +), limited.map(\.steps).reduce(0, +))
        guard waitingThere > 0, waitingThere * 10 >= all,
            let wait = limited.max(by: { ($0.steps, $1.agentType) < ($1.steps, $0.agentType) })?.limitWait
        else { return nil }
        return BatchBinding(wait.reason, "\(wait.short), not places of workers")
    }

    private func binding(of group: Waiting) -> BatchBinding {
        let type = group.agentType
        if group.state == .parked, let reason = group.waitReason, reason != .paused {
            let what =
                switch reason {
                case .reservedTurn, .rateLimitCapacity: "the rate limit of the models of \(type)"
                case .concurrencyLimit: "the limit of calls at once of the models of \(type)"
                case .providerRateLimit: "the provider's own rate limit for the models of \(type)"
                case .backoff: "pauses after failed attempts of \(type)"
                case .limiterUnavailable: "the rate limiter, which does not answer"
                case .circuitOpen: "open circuits: no model of \(type) is called"
                case .paused: "a pause"
                }
            return BatchBinding(reason.rawValue, what)
        }
        let example = examples.first { $0.agentType == type && $0.state == group.state }
        if let reason = example?.explanation.reason, !["dispatch", "fair_share", "ticket", "pause"].contains(reason) {
            return BatchBinding(reason, "\(reason.split(separator: "_").joined(separator: " ")) for \(type)")
        }
        if group.state == .parked || example?.explanation.reason == "pause" {
            return BatchBinding("pause", "a pause of \(type)")
        }
        return BatchBinding("workers", "places of workers for \(type), shared with other work")
    }
}
