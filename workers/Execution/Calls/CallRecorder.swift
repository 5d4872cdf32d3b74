import FleetCore
import FleetMetrics
import FleetTracing

/// Notes what came of a call: with the limiter, the circuits, the estimator and for the ledger, all with the same numbers.
struct CallRecorder: Sendable {
    let models: ModelChoice
    let limiter: any RateLimiter
    let estimator: TokenEstimator
    /// What providers charge for calls that fail.
    let billing: BillingRules
    /// What prompts were made of, by agent type and kind of step.
    let catalogue: AgentCatalogue
    let metrics: WorkerMetrics
    /// Today's UTC day, for dated prices.
    let today: @Sendable () -> String
    let time: any Timekeeper

    /// - Parameters:
    ///   - question: as it was sent.
    ///   - waited: for capacity, before that.
    ///   - span: of the attempt; nil: it is not recorded.
    /// - Returns: the call for the ledger; nil if it was not sent.
    ///
    /// Never a part of its caller: what is needed for a moment here would be in the frame of each of the thousands of calls
    /// that wait there.
    @inline(never)
    func record(
        _ result: Result<ModelReply, ModelFailure>, of question: Question, _ model: ModelSpec, _ step: ClaimedStep,
        _ reservation: Reservation, start: Duration, number: Int, waited: Duration, _ span: AttemptSpan?
    ) -> CallRecord? {
        let reported: ReportedUsage
        var billed = Billed.yes
        var isCounted = true
        var cooldown: Duration?
        let duration = time.now - start
        switch result {
        case .success(let reply):
            reported = reply.usage
            models.recordAnswer(model, step: step.stepID, start: start)
            if let usage = reported.finalTokens { estimator.learn(question.request, kind: step.kind, usage: usage) }
        case .failure(let failure):
            reported = failure.usage
            billed = billing.billed(failure, by: model)
            // A provider counts a call that was cut short, and says nothing of it; an error it does not count.
            isCounted = failure.wasSent && (billed != .no || !failure.isErrorStatus)
            models.record(failure, model, step: step.stepID, start: start)
            if failure.code == .rateLimited { cooldown = failure.retryAfter ?? .seconds(1) }
        }
        let account = CallAccount(
            reported, of: model, on: today(), billed: billed, isCounted: isCounted, expected: reservation.estimate,
            bound: TokenEstimator.bound(of: question.request))
        var record = CallRecord(
            number: number, provider: model.provider, model: model.name, account: account, outcome: "succeeded",
            httpStatus: 200, providerRequestID: nil, duration: duration, purpose: question.isRepair ? .repair : .work,
            promptVersion: catalogue.promptVersion(step.agentType, step.kind), cuts: question.prompt.cutsJSON)
        record.note(result)
        let wasSent = result.wasSent
        limiter.settle(reservation, usage: wasSent ? account.counted : nil, cooldown: cooldown)
        metrics.callEnded(record)
        if reported.isContradictory { metrics.usageMismatch(provider: model.provider, model: model.name) }
        if model.factor(ofTier: reported.serviceTier) == nil {
            metrics.unknownTier(provider: model.provider, model: model.name)
        }
        span?.callEnded(
            CallFacts(
                record: record, wasSent: wasSent, modelID: model.modelID,
                maxOutputTokens: question.request.maxOutputTokens, answeringModel: result.reply?.model,
                finishReason: result.finishReason, waited: waited, start: start))
        return wasSent ? record : nil
    }
}

extension CallRecord {
    fileprivate mutating func note(_ result: Result<ModelReply, ModelFailure>) {
        switch result {
        case .success(let reply): providerRequestID = reply.providerRequestID
        case .failure(let failure):
            outcome = failure.code.rawValue
            httpStatus = failure.status
            providerRequestID = failure.providerRequestID
        }
    }
}

extension Result<ModelReply, ModelFailure> {
    fileprivate var reply: ModelReply? { try? get() }

    /// Of a failure that is one for this reason as well.
    fileprivate var finishReason: String? {
        switch self {
        case .success(let reply): reply.finishReason
        case .failure(let failure): failure.code == .outputLimit ? "length" : nil
        }
    }

    /// A request may have left for the provider.
    fileprivate var wasSent: Bool {
        switch self {
        case .success: true
        case .failure(let failure): failure.wasSent
        }
    }
}
