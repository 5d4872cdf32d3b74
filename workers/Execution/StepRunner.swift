import FleetCore
import Logging

/// Carries one claimed step from its prompt to its outcome. Writes nothing: the outcome is settled by the caller.
struct StepRunner: Sendable {
    let catalogue: AgentCatalogue
    let prompts: PromptBuilder
    let answers: AnswerReader
    let models: ModelChoice
    let caller: any ModelCaller
    let limiter: any RateLimiter
    let estimator: TokenEstimator
    let policy: RetryPolicy
    /// What providers charge for calls that fail.
    let billing: BillingRules
    /// Digest of the credential used per provider, for the rate-limit buckets.
    let credentials: [String: String]
    let metrics: any ExecutionMetrics
    /// Today's UTC day, for dated prices.
    let today: @Sendable () -> String
    let random: @Sendable () -> Double
    let time: any Timekeeper

    /// A wait for capacity up to this long is spent in place; beyond it the step is parked and frees its slot.
    static let longestWaitInPlace: Duration = .seconds(5)
    /// A reservation that nobody settles is forgotten this long after the call's deadline.
    static let reservationSlack: Duration = .seconds(15)
    /// A grant that took longer to hear of is given back and asked for anew: a process that was frozen meanwhile would
    /// use it in a minute that does not count it. The limiter's window allows for 0.3 s, the way to the provider
    /// included.
    static let longestGrant: Duration = .milliseconds(200)
    /// A machine so slow that this many grants in a row come late takes the next one unless it is older than a second:
    /// its calls are late by about the same, and slow is better than never.
    static let lateGrants = 4

    /// Runs the attempt. Returns in every case; if the surrounding task is cancelled, with `cancelled` or, if
    /// `isDraining` says so, with `handedBack`.
    func run(_ step: ClaimedStep, isDraining: @Sendable () -> Bool) async -> Settlement {
        var calls: [CallRecord] = []
        let outcome = countingWhatWasPaid(await attempt(step, &calls), step, calls)
        if case .cancelled = outcome, isDraining() {
            return Settlement(step: step, outcome: .handedBack, calls: calls)
        }
        return Settlement(step: step, outcome: outcome, calls: calls)
    }

    /// What costs others no attempt counts if this one has paid for an answer that cannot be used: the next attempt
    /// pays again, without a bound until another model or the repair can be asked.
    private func countingWhatWasPaid(
        _ outcome: StepOutcome, _ step: ClaimedStep, _ calls: [CallRecord]
    ) -> StepOutcome {
        guard case .retry(let wait, _, let error, false) = outcome else { return outcome }
        let why: String
        if calls.contains(where: { $0.outcome == ModelFailure.Code.refused.rawValue }) {
            why = "a model refused"
        } else if calls.contains(where: { $0.outcome == "invalid_answer" }) {
            why = "invalid answer, no repair"
        } else if calls.contains(where: { $0.outcome == ModelFailure.Code.outputLimit.rawValue }) {
            why = "an answer was cut off at its limit"
        } else if let paid = calls.last(where: { $0.account.basis != .none }) {
            why = "\(paid.outcome) in a call that may have to be paid"
        } else {
            return outcome
        }
        return policy.failedAttempt(
            "\(why); then \(error ?? "no capacity")", failures: step.failures, atLeast: wait, random: random())
    }

    private func attempt(_ step: ClaimedStep, _ calls: inout [CallRecord]) async -> StepOutcome {
        guard let agent = catalogue[step.agentType], let system = agent.prompts[step.kind],
            let schema = catalogue.schemas[step.kind]
        else {
            return .failed(error: "agent type '\(step.agentType)' has no prompt or schema for \(step.kind.rawValue)")
        }
        let preferences = agent.preferredModels(complex: step.input.prefersComplexModels)
        var asked: Set<String> = []
        var lastFailure: String?
        /// What the attempt comes to if no other model is left.
        var last: StepOutcome?
        while true {
            let model: ModelSpec
            switch models.choose(preferences, failures: step.failures, excluding: asked) {
            case .model(let choice): model = choice
            case .allOpen(let wait):
                // Spread: or all of them would come back to the same probe.
                return .retry(
                    after: wait + wait * (0.25 * random()), reason: .circuitOpen, error: lastFailure,
                    countsAsFailure: false)
            case .none:
                return last ?? .failed(error: "agent type '\(step.agentType)' names no known model")
            }
            asked.insert(model.name)
            let prompt: Prompt
            switch self.prompt(for: step, system: system, schema: schema, model) {
            case .success(let fitting): prompt = fitting
            case .failure(let problem):
                models.abandon(model)
                // A larger window may do; what is missing is missing everywhere.
                if case .missing = problem { return .failed(error: problem.description) }
                lastFailure = problem.description
                last = last ?? .failed(error: problem.description)
                continue
            }
            let request = ModelRequest(
                model: model.name, system: system, blocks: prompt.blocks, schema: schema,
                maxOutputTokens: min(agent.maxOutputTokens, model.maxOutputTokens), timeout: agent.timeout,
                idempotencyKey: "", agentType: step.agentType)
            switch await ask(request, prompt, model, step, &calls) {
            case .done(let outcome): return outcome
            case .longAway(let outcome): last = last.map { RetryPolicy.sooner($0, outcome) } ?? outcome
            case .unusable(let problem):
                lastFailure = problem
                last = policy.failedAttempt(problem, failures: step.failures, random: random())
            case .failed(let failure):
                lastFailure = failure.description
                let hasOther = preferences.contains { !asked.contains($0) }
                if case .settle(let outcome) = decision(failure, step, hasOtherModel: hasOther) {
                    // What this model will never do another one may have done badly: that one is asked again.
                    if case .failed = outcome, case .retry? = last { continue }
                    return RetryPolicy.sooner(outcome, last)
                }
                if case .settle(let outcome) = decision(failure, step, hasOtherModel: false) { last = last ?? outcome }
            }
        }
    }

    private func decision(
        _ failure: ModelFailure, _ step: ClaimedStep, hasOtherModel: Bool
    ) -> RetryPolicy.Decision {
        policy.decide(
            failure, failures: step.failures, throttles: step.throttles, hasOtherModel: hasOtherModel,
            random: random())
    }

    /// The step's prompt for a model; what was cut is counted.
    ///
    /// Never a part of `attempt`, like ``book(_:of:_:_:_:duration:_:)``: what it is made of need not wait for the answer.
    @inline(never)
    private func prompt(
        for step: ClaimedStep, system: String, schema: OutputSchema, _ model: ModelSpec
    ) -> Result<Prompt, PromptProblem> {
        do throws(PromptProblem) {
            let prompt = try prompts.prompt(
                prompts.drafts(for: step), kind: step.kind, window: model.maxInputTokens,
                fixed: system.utf8.count + schema.json.utf8.count, ratio: estimator.ratio(of: model.name))
            for cut in prompt.cuts {
                metrics.inputCut(kind: step.kind, section: cut.section, tokens: cut.of - cut.kept)
            }
            return .success(prompt)
        } catch {
            return .failure(error)
        }
    }

    private enum Exchange {
        case done(StepOutcome)
        case failed(ModelFailure)
        /// The provider has asked to be left alone for long: another model may be free.
        case longAway(StepOutcome)
        /// Neither the answer nor its repair can be used: another model may do better.
        case unusable(String)
    }

    /// One question, and one bounded repair if the answer cannot be used.
    private func ask(
        _ request: ModelRequest, _ prompt: Prompt, _ model: ModelSpec, _ step: ClaimedStep, _ calls: inout [CallRecord]
    ) async -> Exchange {
        var (question, asked, isRepair) = (request, prompt, false)
        while true {
            let made = calls.count
            let result = await call(question, model, step, &calls, isRepair: isRepair)
            if calls.count > made {
                calls[made].promptVersion = catalogue.promptVersion(step.agentType, step.kind)
                calls[made].cuts = asked.cutsJSON
            }
            switch judge(result, of: prompt, question.maxOutputTokens, model, step, &calls, isRepair: isRepair) {
            case .over(let exchange): return exchange
            case .repair(let repair):
                (asked, isRepair) = (repair, true)
                question.blocks = repair.blocks
            }
        }
    }

    private enum Judgement {
        case over(Exchange)
        /// Asks for the same answer without its errors.
        case repair(Prompt)
    }

    /// Reads the answer; one that cannot be used is to be repaired, or of no use if it was the repair.
    ///
    /// Never a part of `ask`, like ``book(_:of:_:_:_:duration:_:isRepair:)``.
    @inline(never)
    private func judge(
        _ result: CallResult, of prompt: Prompt, _ limit: Int, _ model: ModelSpec, _ step: ClaimedStep,
        _ calls: inout [CallRecord], isRepair: Bool
    ) -> Judgement {
        switch result {
        case .parked(let outcome): return .over(.done(outcome))
        case .longAway(let outcome): return .over(isRepair ? .done(outcome) : .longAway(outcome))
        case .failed(let failure) where failure.code == .outputLimit:
            // The same question would have the same answer, of the same length.
            return isRepair
                ? .over(.unusable("\(failure.description), also when asked to be shorter"))
                : .repair(prompt.askingForShorter(limit: limit))
        case .failed(let failure):
            guard isRepair, failure.code != .cancelled else { return .over(.failed(failure)) }
            return .over(
                .done(
                    policy.failedAttempt(
                        "invalid answer, and its repair failed: \(failure.description)", failures: step.failures,
                        atLeast: failure.retryAfter, random: random())))
        case .answered(let reply):
            switch answers.read(reply.text, for: step, cuts: prompt.cuts) {
            case .valid(let answer): return .over(.done(.succeeded(answer)))
            case .invalid(let problems):
                calls[calls.count - 1].outcome = "invalid_answer"
                metrics.invalidAnswer(kind: step.kind, model: model.name)
                guard isRepair else { return .repair(prompt.repairing(reply.text, problems: problems)) }
                return .over(
                    .unusable("invalid answer after one repair: \(problems.prefix(3).joined(separator: "; "))"))
            }
        }
    }

    private enum CallResult {
        case answered(ModelReply)
        case failed(ModelFailure)
        /// No capacity now: the step waits for it without a worker.
        case parked(StepOutcome)
        /// None for longer than one model is waited for.
        case longAway(StepOutcome)
    }

    private func call(
        _ request: ModelRequest, _ model: ModelSpec, _ step: ClaimedStep, _ calls: inout [CallRecord], isRepair: Bool
    ) async -> CallResult {
        var request = request
        request.idempotencyKey = "step-\(step.stepID)-\(step.attempt)-\(calls.count + 1)"
        let reservation: Reservation
        switch await reserve(request, model, step, isRepair: isRepair) {
        case .granted(let granted): reservation = granted
        case .parked(let outcome):
            models.abandon(model)
            return .parked(outcome)
        case .longAway(let outcome):
            models.abandon(model)
            return .longAway(outcome)
        }
        request.onLimits = { [limiter, key = reservation.key] in limiter.learn(key, $0) }
        let start = time.now
        metrics.callStarted(model: model.name)
        let result = await result(of: request)
        return book(
            result, of: request, model, step, reservation, duration: time.now - start, &calls, isRepair: isRepair)
    }

    private func result(of request: ModelRequest) async -> Result<ModelReply, ModelFailure> {
        do throws(ModelFailure) {
            return .success(try await caller.call(request))
        } catch {
            return .failure(error)
        }
    }

    /// Books what came of a call: with the limiter, the circuits, and for the ledger, all with the same numbers.
    ///
    /// Never a part of `call`: what is needed for a moment here would be in the frame of each of the thousands of calls
    /// that wait there.
    @inline(never)
    private func book(
        _ result: Result<ModelReply, ModelFailure>, of request: ModelRequest, _ model: ModelSpec, _ step: ClaimedStep,
        _ reservation: Reservation, duration: Duration, _ calls: inout [CallRecord], isRepair: Bool
    ) -> CallResult {
        let outcome: CallResult
        let reported: ReportedUsage
        var billed = Billed.yes
        var isCounted = true
        var cooldown: Duration?
        switch result {
        case .success(let reply):
            outcome = .answered(reply)
            reported = reply.usage
            models.recordAnswer(model, step: step.stepID, start: time.now - duration)
            if let usage = reported.finalTokens { estimator.learn(request, kind: step.kind, usage: usage) }
        case .failure(let failure):
            outcome = .failed(failure)
            reported = failure.usage
            billed = billing.billed(failure, by: model)
            // A provider counts a call that was cut short, and says nothing of it; an error it does not count.
            isCounted = failure.wasSent && (billed != .no || !failure.isErrorStatus)
            models.record(failure, model, step: step.stepID, start: time.now - duration)
            if failure.code == .rateLimited { cooldown = failure.retryAfter ?? .seconds(1) }
        }
        let account = CallAccount(
            reported, of: model, on: today(), billed: billed, isCounted: isCounted, expected: reservation.estimate,
            bound: TokenEstimator.bound(of: request))
        let record = record(
            result, account, model, number: calls.count + 1, duration: duration, purpose: isRepair ? .repair : .work)
        let wasSent = result.wasSent
        limiter.settle(reservation, usage: wasSent ? account.counted : nil, cooldown: cooldown)
        if wasSent { calls.append(record) }
        metrics.callEnded(record)
        if reported.isContradictory { metrics.usageMismatch(provider: model.provider, model: model.name) }
        if model.factor(ofTier: reported.serviceTier) == nil {
            metrics.unknownTier(provider: model.provider, model: model.name)
        }
        return outcome
    }

    private func record(
        _ result: Result<ModelReply, ModelFailure>, _ account: CallAccount, _ model: ModelSpec, number: Int,
        duration: Duration, purpose: CallRecord.Purpose
    ) -> CallRecord {
        var record = CallRecord(
            number: number, provider: model.provider, model: model.name, account: account, outcome: "succeeded",
            httpStatus: 200, providerRequestID: nil, duration: duration, purpose: purpose)
        switch result {
        case .success(let reply): record.providerRequestID = reply.providerRequestID
        case .failure(let failure):
            record.outcome = failure.code.rawValue
            record.httpStatus = failure.status
            record.providerRequestID = failure.providerRequestID
        }
        return record
    }

    private enum Capacity {
        case granted(Reservation)
        case parked(StepOutcome)
        case longAway(StepOutcome)
    }

    private func reserve(
        _ request: ModelRequest, _ model: ModelSpec, _ step: ClaimedStep, isRepair: Bool
    ) async -> Capacity {
        let key = RateLimitKey(
            provider: model.provider, credential: credentials[model.provider] ?? "none", limitClass: model.limitClass)
        let estimate = estimator.estimate(request, kind: step.kind)
        let start = time.now
        // A repair follows a call that had its turn; it does not queue behind everybody again.
        var holdsSlot = step.holdsSlot || isRepair
        var lateGrants = 0
        while !Task.isCancelled {
            let asked = time.now
            let decision: ReservationDecision
            do {
                decision = try await limiter.reserve(
                    key, estimate: estimate, holder: request.idempotencyKey, holdsSlot: holdsSlot,
                    expiresAfter: request.timeout + Self.reservationSlack)
            } catch {
                // Fail closed: no limiter, no call. The step comes back within a second.
                return .parked(
                    .retry(
                        after: .milliseconds(Int(400 + 400 * random())), reason: .limiterUnavailable,
                        error: "the rate limiter cannot be asked: \(error)", countsAsFailure: false))
            }
            switch decision {
            case .granted(let reservation):
                let longest = lateGrants < Self.lateGrants ? Self.longestGrant : .seconds(1)
                guard time.now - asked < longest else {
                    lateGrants += 1
                    // It has had its turn.
                    holdsSlot = true
                    limiter.settle(reservation, usage: nil, cooldown: nil)
                    continue
                }
                metrics.waitedForCapacity(time.now - start, model: model.name)
                return .granted(reservation)
            case .wait(let duration, let keepsSlot):
                holdsSlot = keepsSlot
                if duration > RetryPolicy.longestWaitForOneModel {
                    // Told by the provider: the step says until when, and a bound on waits for capacity has no say.
                    return .longAway(
                        .retry(after: duration, reason: .providerRateLimit, error: nil, countsAsFailure: false))
                }
                if time.now - start + duration > Self.longestWaitInPlace {
                    return .parked(parked(duration, holdsSlot ? .rateLimitSlot : .rateLimitCapacity))
                }
                try? await time.sleep(for: duration)
            case .slot(let after):
                if after > Self.longestWaitInPlace { return .parked(parked(after, .rateLimitSlot)) }
                holdsSlot = true
                try? await time.sleep(for: after)
            }
        }
        return .parked(.cancelled)
    }

    private func parked(_ wait: Duration, _ reason: StepOutcome.WaitReason) -> StepOutcome {
        .retry(after: min(wait, .seconds(60)), reason: reason, error: nil, countsAsFailure: false)
    }
}

extension Result<ModelReply, ModelFailure> {
    /// A request may have left for the provider.
    fileprivate var wasSent: Bool {
        switch self {
        case .success: true
        case .failure(let failure): failure.wasSent
        }
    }
}
