import FleetCore

/// What providers were asked in a minute, and at a time, beside what they allow.
extension Oracle {
    /// I5: requests and tokens of any sliding minute, and calls in flight.
    mutating func judgeLimits() {
        for model in plan.market.models {
            let calls = calls.filter { $0.limitClass == model.limitClass }
            let limits = plan.market.limits[model.provider] ?? RateLimits()
            judgeConcurrency(calls, limits, model.name)
            // Rebuilt from the ledger, the window is only as good as the clock that dated the ledger's rows.
            guard !plan.mayMisdateLedger else { continue }
            if let limit = limits.requests { judgeWindow(calls, "requests of \(model.name)", limit) { _ in 1 } }
            if let limit = limits.tokens {
                judgeWindow(calls, "tokens of \(model.name)", limit) { $0.inputTokens + $0.outputTokens }
            }
            judgeAllowance(calls, model)
        }
        if calls.contains(where: { call in calls.count { $0.key == call.key } > 1 }) {
            note("I6", "a call was made twice under one key")
        }
    }

    private mutating func judgeWindow(
        _ calls: [SimulatedProvider.Call], _ what: String, _ limit: Int, _ amount: (SimulatedProvider.Call) -> Int
    ) {
        let calls = calls.filter(\.cameAtOnce)
        var first = 0
        var sum = 0
        for call in calls {
            sum += amount(call)
            while calls[first].at <= call.at - .seconds(60) {
                sum -= amount(calls[first])
                first += 1
            }
            guard sum > limit, first < calls.count - 1 else { continue }
            note("I5", "\(sum) \(what) in the minute before \(call.at), limit \(limit)")
            return
        }
    }

    /// What a provider has said of its limit is kept to from then on: few calls go out before the first answer, and again
    /// whenever Redis has forgotten it.
    private mutating func judgeAllowance(_ calls: [SimulatedProvider.Call], _ model: ModelSpec) {
        guard let allowance = plan.market.allowances[model.limitClass] else { return }
        let refused = calls.count { $0.isOverAllowance && $0.cameAtOnce }
        let tolerated = Self.callsBeforeFirstAnswer * (plan.flushes + 1)
        if refused > tolerated {
            note("I5", "\(model.name) refused \(refused) calls beyond the \(allowance) a minute that it allows")
        }
    }

    /// Four at once, and some that came meanwhile.
    private static let callsBeforeFirstAnswer = 8

    /// The leases of calls in flight are kept by those who reach Redis.
    private mutating func judgeConcurrency(
        _ calls: [SimulatedProvider.Call], _ limits: RateLimits, _ model: String
    ) {
        guard let limit = limits.concurrency, !plan.mayLoseLeases else { return }
        for call in calls {
            let inFlight = calls.count { $0.at <= call.at && call.at < $0.until }
            if inFlight > limit {
                note("I5", "\(inFlight) calls of \(model) in flight at \(call.at), limit \(limit)")
                return
            }
        }
    }
}

extension SimulatedProvider.Call {
    /// What was on its way when its process was frozen arrives whenever that goes on: nobody can call it back. To a slow
    /// provider it takes 0.3 s.
    fileprivate var cameAtOnce: Bool { at - sentAt < .seconds(1) }
}
