import FleetCore
import FleetMetrics

/// Waits for the capacity that a call takes, in place or by parking the step.
struct CapacityWaiter: Sendable {
    /// A wait for capacity up to this long is spent in place; beyond it the step is parked and frees its slot.
    static let longestWaitInPlace: Duration = .seconds(5)
    /// A reservation that nobody settles is forgotten this long after the call's deadline.
    private static let reservationSlack: Duration = .seconds(15)
    /// A grant that took longer to hear of is given back and asked for anew: a process that was frozen meanwhile would
    /// use it in a minute that does not count it. The limiter's window allows for 0.3 s, the way to the provider
    /// included.
    private static let maximumGrantAge: Duration = .milliseconds(200)
    /// A machine so slow that this many grants in a row come late takes the next one unless it is older than a second:
    /// its calls are late by about the same, and slow is better than never.
    private static let maximumStaleGrants = 4
    private static let maximumAgeOnSlowMachine: Duration = .seconds(1)

    let limiter: any RateLimiter
    let estimator: TokenEstimator
    /// Digest of the credential used per provider, for the rate-limit buckets.
    let credentials: [String: String]
    let waits: LimitWaits
    let metrics: WorkerMetrics
    let random: @Sendable () -> Double
    let time: any Timekeeper

    /// - Parameter isFirst: the attempt has called nobody yet.
    /// - Throws: what becomes of the attempt without capacity: `over` or `longAway`.
    func reserve(
        _ question: Question, _ model: ModelSpec, _ step: ClaimedStep, isFirst: Bool
    ) async throws(NoAnswer) -> Reservation {
        defer { waits.ended(step) }
        let key = key(of: model)
        let estimate = estimator.estimate(question.request, kind: step.kind)
        let start = time.now
        // A repair follows a call that had its turn; it does not queue behind everybody again.
        var holdsTurn = step.holdsTurn || question.isRepair
        var staleGrants = 0
        // What was taken back stays so: to tell it again would only cost another confirmation.
        var mayTell = isFirst
        while !Task.isCancelled {
            let asked = time.now
            switch try await decision(of: key, estimate, question.request, holdsTurn: holdsTurn) {
            case .granted(let reservation):
                try await confirm(reservation, step)
                mayTell = false
                guard time.now - asked < Self.oldestGrant(after: staleGrants) else {
                    staleGrants += 1
                    metrics.limiterDecided(.stale, key)
                    // It has had its turn.
                    holdsTurn = true
                    limiter.settle(reservation, usage: nil, cooldown: nil)
                    continue
                }
                metrics.limiterDecided(.granted, key)
                metrics.waitedForCapacity(time.now - start, model: model.name)
                return reservation
            case .wait(let duration, let keepsTurn, let cause):
                holdsTurn = keepsTurn
                metrics.limiterDecided(.wait, key)
                if duration > RetryPolicy.longestWaitForOneModel {
                    // Told by the provider: the step says until when, and a bound on waits for capacity has no say.
                    throw .longAway(
                        .retry(after: duration, reason: .providerRateLimit, error: nil, countsAsFailure: false))
                }
                if time.now - start + duration > Self.longestWaitInPlace {
                    throw .over(parked(duration, reason(cause, holdsTurn: holdsTurn)))
                }
                if mayTell { waits.began(LimitWait(key, cause), step, since: start) }
                try? await time.sleep(for: duration)
            case .turn(let after):
                metrics.limiterDecided(.turn, key)
                if after > Self.longestWaitInPlace { throw .over(parked(after, .reservedTurn)) }
                holdsTurn = true
                if mayTell { waits.began(LimitWait(key, .rate), step, since: start) }
                try? await time.sleep(for: after)
            }
        }
        throw .over(.cancelled)
    }

    private func decision(
        of key: RateLimitKey, _ estimate: TokenEstimate, _ request: ModelRequest, holdsTurn: Bool
    ) async throws(NoAnswer) -> ReservationDecision {
        do {
            return try await limiter.reserve(
                key, estimate: estimate, holder: request.idempotencyKey, holdsTurn: holdsTurn,
                expiresAfter: request.timeout + Self.reservationSlack)
        } catch {
            metrics.limiterDecided(.unavailable, key)
            throw .over(soon(.limiterUnavailable, "the rate limiter cannot be asked: \(error)"))
        }
    }

    private func key(of model: ModelSpec) -> RateLimitKey {
        RateLimitKey(
            provider: model.provider, credential: credentials[model.provider] ?? "none", limitClass: model.limitClass)
    }

    /// Gives the grant back if the attempt may not call.
    ///
    /// - Throws: what becomes of it then.
    private func confirm(_ reservation: Reservation, _ step: ClaimedStep) async throws(NoAnswer) {
        let permission = await waits.endedBeforeCall(step)
        guard permission != .given else { return }
        limiter.settle(reservation, usage: nil, cooldown: nil)
        guard permission == .unknown else { throw .over(.cancelled) }
        throw .over(soon(.backoff, "the database did not confirm the lease before the call"))
    }

    private static func oldestGrant(after staleGrants: Int) -> Duration {
        staleGrants < maximumStaleGrants ? maximumGrantAge : maximumAgeOnSlowMachine
    }

    private func reason(_ cause: LimitWait.Cause, holdsTurn: Bool) -> StepOutcome.WaitReason {
        // A turn that has come is kept, whatever keeps it from being used.
        if holdsTurn { return .reservedTurn }
        return cause == .concurrency ? .concurrencyLimit : .rateLimitCapacity
    }

    /// Fail closed: who cannot be asked has allowed nothing. The step comes back within a second.
    private func soon(_ reason: StepOutcome.WaitReason, _ error: String) -> StepOutcome {
        .retry(
            after: .milliseconds(Int(400 + 400 * random())), reason: reason, error: error, countsAsFailure: false)
    }

    private func parked(_ wait: Duration, _ reason: StepOutcome.WaitReason) -> StepOutcome {
        .retry(after: min(wait, .seconds(60)), reason: reason, error: nil, countsAsFailure: false)
    }
}

extension LimitWait {
    fileprivate init(_ key: RateLimitKey, _ cause: Cause) {
        self.init(provider: key.provider, limitClass: key.limitClass, cause: cause)
    }
}
