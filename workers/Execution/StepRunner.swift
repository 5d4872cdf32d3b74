import FleetCore
import FleetMetrics
import FleetTracing

/// Carries one claimed step from its prompt to its outcome: chooses models, asks, and has a bad answer repaired once.
/// Writes nothing: the outcome is settled by the caller.
///
/// Thousands of attempts wait for answers at a time: what is needed only for a moment is in functions that are never a part
/// of the one that waits, or it would be in the frame of each of them.
struct StepRunner: Sendable {
    private let catalogue: AgentCatalogue
    private let prompts: PromptBuilder
    private let answers: AnswerReader
    private let models: ModelChoice
    private let calls: ModelCalls
    private let policy: RetryPolicy

    /// - Parameters:
    ///   - billing: what providers charge for calls that fail.
    ///   - credentials: digest of the credential used per provider, for the rate-limit buckets.
    ///   - today: today's UTC day, for dated prices.
    init(
        catalogue: AgentCatalogue, prompts: PromptBuilder, answers: AnswerReader, models: ModelChoice,
        caller: any ModelCaller, limiter: any RateLimiter, waits: LimitWaits, estimator: TokenEstimator,
        policy: RetryPolicy,
        billing: BillingRules, credentials: [String: String], metrics: WorkerMetrics,
        today: @escaping @Sendable () -> String, random: @escaping @Sendable () -> Double, time: any Timekeeper
    ) {
        self.catalogue = catalogue
        self.prompts = prompts
        self.answers = answers
        self.models = models
        self.policy = policy
        calls = ModelCalls(
            caller: caller,
            capacity: CapacityWaiter(
                limiter: limiter, estimator: estimator, credentials: credentials, waits: waits, metrics: metrics,
                random: random, time: time),
            recorder: CallRecorder(
                models: models, limiter: limiter, estimator: estimator, billing: billing, catalogue: catalogue,
                metrics: metrics, today: today, time: time))
    }

    private var metrics: WorkerMetrics { calls.recorder.metrics }
    private func random() -> Double { calls.capacity.random() }

    /// Runs the attempt. Returns in every case; if the surrounding task is cancelled, with `cancelled` or, if
    /// `isDraining` says so, with `handedBack`.
    ///
    /// - Parameter span: of the attempt; nil: it is not recorded.
    func run(_ step: ClaimedStep, span: AttemptSpan? = nil, isDraining: @Sendable () -> Bool) async -> Settlement {
        defer { calls.capacity.waits.forget(step) }
        var made: [CallRecord] = []
        let outcome = chargingPaidAttempts(await outcome(of: step, span, &made), step, made)
        if case .cancelled = outcome, isDraining() {
            return Settlement(step: step, outcome: .handedBack, calls: made)
        }
        return Settlement(step: step, outcome: outcome, calls: made)
    }

    /// What costs others no attempt counts if this one has paid for an answer that cannot be used: the next attempt
    /// pays again, without a bound until another model or the repair can be asked.
    private func chargingPaidAttempts(
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

    private func outcome(of step: ClaimedStep, _ span: AttemptSpan?, _ made: inout [CallRecord]) async -> StepOutcome {
        guard let agent = catalogue[step.agentType], let system = agent.prompts[step.kind],
            let schema = catalogue.schemas[step.kind]
        else {
            return .failed(error: "agent type '\(step.agentType)' has no prompt or schema for \(step.kind.rawValue)")
        }
        let preferences = agent.preferredModels(for: step.input)
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
            let question: Question
            switch self.question(for: step, agent, system, schema, model) {
            case .success(let fitting): question = fitting
            case .failure(let problem):
                models.abandon(model)
                // A larger window may do; what is missing is missing everywhere.
                if case .missing = problem { return .failed(error: problem.description) }
                lastFailure = problem.description
                last = last ?? .failed(error: problem.description)
                continue
            }
            do throws(NoAnswer) {
                return .succeeded(try await answer(to: question, model, step, span, &made))
            } catch {
                switch error {
                case .over(let outcome): return outcome
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
                    if case .settle(let outcome) = decision(failure, step, hasOtherModel: false) {
                        last = last ?? outcome
                    }
                }
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

    /// The step's question for a model; what was cut from its prompt is counted.
    @inline(never)
    private func question(
        for step: ClaimedStep, _ agent: AgentSpec, _ system: String, _ schema: OutputSchema, _ model: ModelSpec
    ) -> Result<Question, PromptProblem> {
        do throws(PromptProblem) {
            let prompt = try prompts.prompt(
                prompts.drafts(for: step), kind: step.kind, window: model.maxInputTokens,
                fixed: system.utf8.count + schema.json.utf8.count,
                ratio: calls.capacity.estimator.ratio(of: model.name))
            for cut in prompt.cuts {
                metrics.inputCut(kind: step.kind, section: cut.section, tokens: cut.of - cut.kept)
            }
            let request = ModelRequest(
                model: model.name, system: system, blocks: prompt.blocks, schema: schema,
                maxOutputTokens: min(agent.maxOutputTokens, model.maxOutputTokens), timeout: agent.timeout,
                idempotencyKey: "", agentType: step.agentType)
            return .success(Question(request: request, prompt: prompt))
        } catch {
            return .failure(error)
        }
    }

    /// Asks, and has one repair made if the answer cannot be used.
    private func answer(
        to first: Question, _ model: ModelSpec, _ step: ClaimedStep, _ span: AttemptSpan?,
        _ made: inout [CallRecord]
    ) async throws(NoAnswer) -> StepOutcome.Answer {
        var question = first
        while true {
            do throws(NoAnswer) {
                let reply = try await calls.call(question, model, step, span, &made)
                switch evaluate(reply, to: first, model, step, span, &made) {
                case .success(let answer): return answer
                case .failure(let bad):
                    guard !question.isRepair else {
                        throw .unusable(
                            "invalid answer after one repair: \(bad.problems.prefix(3).joined(separator: "; "))")
                    }
                    question = first.repaired(by: first.prompt.repairing(reply.text, problems: bad.problems))
                }
            } catch {
                question = try repair(of: question, first, after: error, step)
            }
        }
    }

    private struct BadAnswer: Error {
        var problems: [String]
    }

    /// Reads the answer; one that cannot be used is noted.
    @inline(never)
    private func evaluate(
        _ reply: ModelReply, to first: Question, _ model: ModelSpec, _ step: ClaimedStep, _ span: AttemptSpan?,
        _ made: inout [CallRecord]
    ) -> Result<StepOutcome.Answer, BadAnswer> {
        switch answers.read(reply.text, for: step, cuts: first.prompt.cuts) {
        case .valid(let answer): return .success(answer)
        case .invalid(let problems):
            made[made.count - 1].outcome = "invalid_answer"
            metrics.invalidAnswer(kind: step.kind, model: model.name)
            span?.answerWasRefused()
            return .failure(BadAnswer(problems: problems))
        }
    }

    /// The question to ask after there was no answer; without one, what that means: a repair is not left for
    /// another model.
    @inline(never)
    private func repair(
        of question: Question, _ first: Question, after reason: NoAnswer, _ step: ClaimedStep
    ) throws(NoAnswer) -> Question {
        switch reason {
        case .failed(let failure) where failure.code == .outputLimit:
            guard !question.isRepair else {
                throw .unusable("\(failure.description), also when asked to be shorter")
            }
            // The same question would have the same answer, of the same length.
            return first.repaired(by: first.prompt.askingForShorter(limit: question.request.maxOutputTokens))
        case .failed(let failure) where question.isRepair && failure.code != .cancelled:
            throw .over(
                policy.failedAttempt(
                    "invalid answer, and its repair failed: \(failure.description)", failures: step.failures,
                    atLeast: failure.retryAfter, random: random()))
        case .longAway(let outcome) where question.isRepair: throw .over(outcome)
        case .failed, .longAway, .over, .unusable: throw reason
        }
    }
}
