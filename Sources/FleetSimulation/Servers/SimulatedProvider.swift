import FleetCore
import FleetTesting
import Synchronization

/// The AI providers: they answer, refuse, cut off, and remember every request.
final class SimulatedProvider: Sendable {
    /// Chances of what goes wrong, 0 to 1 each.
    struct Faults: Sendable, Equatable {
        var rateLimited = 0.0
        var overloaded = 0.0
        var serverError = 0.0
        var truncated = 0.0
        var invalid = 0.0
        var refused = 0.0
        var slow = 0.0
        var says429RetryAfter = false
    }

    /// What will become of a request.
    struct Prospect: Sendable {
        var number: Int
        var duration: Duration
        /// What the head of its answer says.
        var limits: ReportedLimits?
        var result: Result<ModelReply, ModelFailure>
    }

    private struct State {
        var calls: [Call] = []
        var faults = Faults()
        var refusals: [Refusal] = []
        /// Keys of calls whose callers did not hear what came of them, or could not make them.
        var unheard: Set<String> = []
    }

    /// The only day there is, to the prices.
    static let day = "2026-01-01"

    private let state = Mutex(State())
    private let world: VirtualTime
    private let dice: Dice
    private let bugs: Set<PlantedBug>
    private let plan: SimulationPlan

    init(world: VirtualTime, dice: Dice, plan: SimulationPlan, bugs: Set<PlantedBug>) {
        self.world = world
        self.dice = dice
        self.plan = plan
        self.bugs = bugs
    }

    var calls: [Call] { state.withLock { $0.calls } }
    var unheard: Set<String> { state.withLock { $0.unheard } }

    func set(_ faults: Faults) { state.withLock { $0.faults = faults } }
    func begin(_ refusal: Refusal) { state.withLock { $0.refusals.append(refusal) } }
    func end(_ refusal: Refusal) {
        state.withLock { state in
            if let index = state.refusals.firstIndex(of: refusal) { state.refusals.remove(at: index) }
        }
    }

    func endRefusals() { state.withLock { $0.refusals = [] } }

    /// The caller of this call knows nothing of its end.
    func noteUnheard(_ key: String) { state.withLock { _ = $0.unheard.insert(key) } }

    /// Takes a request in: from here on it may be paid.
    func begin(_ request: ModelRequest, from process: String, sentAt: Duration) -> Prospect {
        let faults = state.withLock { $0.faults }
        let input = (request.system.utf8.count + request.prompt.utf8.count) / 4 + dice.int(in: 0...20)
        let output = dice.int(in: 50...600)
        var duration = dice.duration(.milliseconds(200), .seconds(4))
        if dice.chance(faults.slow) { duration = .seconds(12) }
        let number = state.withLock { $0.calls.count }
        let cached = number.isMultiple(of: 3) ? input / 4 : 0
        let usage = TokenUsage(
            uncachedInputTokens: input - cached, cacheReadTokens: cached, outputTokens: output)
        // Agents name no others than those of the market.
        let model = plan.market[request.model] ?? TestCatalogue.model
        let left = left(of: model)
        let isOverAllowance = left.map { $0 <= 0 } ?? false
        let (result, ending) =
            isOverAllowance
            ? overAllowance(model) : outcome(request, model, usage, faults, isTooSlow: duration > request.timeout)
        let isError = if case .failure(let failure) = result { failure.isErrorStatus } else { false }
        if isError && plan.market.models.count > 1 { duration = min(duration, .milliseconds(300)) }
        duration = min(duration, request.timeout)
        state.withLock { state in
            state.calls.append(
                Call(
                    key: request.idempotencyKey, model: model.name, limitClass: model.limitClass, at: world.now,
                    sentAt: sentAt, until: world.now + duration, inputTokens: isError ? 0 : input,
                    outputTokens: isError ? 0 : output,
                    cost: isError ? .zero : model.cost(of: usage, on: Self.day), ending: ending,
                    isOverAllowance: isOverAllowance, process: process))
        }
        var limits = left.map { _ in ReportedLimits() }
        limits?.requestLimit = plan.market.allowances[model.limitClass]
        limits?.requestsRemaining = left.map { max(0, $0 - (isError ? 0 : 1)) }
        return Prospect(number: number, duration: duration, limits: limits, result: result)
    }

    func abandon(_ prospect: Prospect) {
        state.withLock { state in
            state.calls[prospect.number].ending = .abandoned
            state.calls[prospect.number].until = world.now
            state.calls[prospect.number].forgive(number: prospect.number)
        }
    }

    /// Requests that the provider still allows in this minute; nil: as many as one likes.
    private func left(of model: ModelSpec) -> Int? {
        plan.market.allowances[model.limitClass].map { $0 - recent(of: model).count }
    }

    private func recent(of model: ModelSpec) -> [Call] {
        let start = world.now - .seconds(60)
        return state.withLock { state in
            state.calls.filter { $0.limitClass == model.limitClass && $0.isCounted && $0.at > start }
        }
    }

    private func overAllowance(_ model: ModelSpec) -> (Result<ModelReply, ModelFailure>, Call.Ending) {
        let wait = (recent(of: model).map(\.at).min() ?? world.now) + .seconds(60) - world.now
        let failure = ModelFailure(.rateLimited, status: 429, message: "simulated", retryAfter: wait)
        return (.failure(failure), .failed(.rateLimited))
    }

    private func outcome(
        _ request: ModelRequest, _ model: ModelSpec, _ usage: TokenUsage, _ faults: Faults, isTooSlow: Bool
    ) -> (Result<ModelReply, ModelFailure>, Call.Ending) {
        func failure(
            _ code: ModelFailure.Code, status: Int?, retryAfter: Duration? = nil, usage: ReportedUsage = .nothing
        ) -> (Result<ModelReply, ModelFailure>, Call.Ending) {
            (
                .failure(
                    ModelFailure(code, status: status, message: "simulated", retryAfter: retryAfter, usage: usage)),
                .failed(code)
            )
        }
        let refusals = state.withLock { $0.refusals }
        for refusal in refusals where refusal.concerns(model) && dice.chance(refusal.chance) {
            return failure(refusal.code, status: refusal.status)
        }
        if plan.isPoison(request) { return failure(.malformed, status: 200) }
        if isTooSlow { return failure(.timedOut, status: nil) }
        if dice.chance(faults.rateLimited) {
            return failure(.rateLimited, status: 429, retryAfter: faults.says429RetryAfter ? .seconds(2) : nil)
        }
        if dice.chance(faults.overloaded) { return failure(.overloaded, status: 503) }
        if dice.chance(faults.serverError) { return failure(.serverError, status: 500) }
        if dice.chance(faults.refused) { return failure(.refused, status: 200, usage: ReportedUsage(usage)) }
        let isTruncated = dice.chance(faults.truncated)
        let isInvalid = dice.chance(faults.invalid)
        let reply = ModelReply(text: isInvalid ? "{\"content\":" : text(for: request), usage: ReportedUsage(usage))
        if isTruncated {
            return bugs.contains(.endOfStreamIsSuccess)
                ? (.success(reply), .failed(.truncated)) : failure(.truncated, status: 200, usage: usage.whenCut)
        }
        return (.success(reply), .answered(isValid: !isInvalid))
    }

    private func text(for request: ModelRequest) -> String {
        guard let kind = StepKind(rawValue: request.schema.name) else { return "{}" }
        var generator = SeededGenerator(seed: dice.seed())
        return plan.answers.text(kind, using: &generator)
    }
}

/// A worker's way to the simulated providers.
struct SimulatedModelCaller: ModelCaller {
    let provider: SimulatedProvider
    let link: NetworkPath
    /// A planted bug: without credit a provider seems to be out of order.
    var isQuotaAFault = false

    func call(_ request: ModelRequest) async throws(ModelFailure) -> ModelReply {
        let prospect: SimulatedProvider.Prospect
        let sentAt = link.process.now
        do {
            prospect = try await link.call { provider.begin(request, from: link.process.name, sentAt: sentAt) }
        } catch SimulatedOutage.refused {
            provider.noteUnheard(request.idempotencyKey)
            throw ModelFailure(.unreachable, message: "simulated")
        } catch SimulatedOutage.replyLost {
            provider.noteUnheard(request.idempotencyKey)
            throw ModelFailure(.serverError, message: "simulated")
        } catch {
            throw ModelFailure(.cancelled, message: "simulated")
        }
        if let limits = prospect.limits { request.onLimits(limits) }
        do {
            try await link.process.sleep(for: prospect.duration)
        } catch {
            provider.abandon(prospect)
            throw ModelFailure(.cancelled, message: "simulated")
        }
        do throws(ModelFailure) {
            return try prospect.result.get()
        } catch {
            throw isQuotaAFault && error.code == .quotaExhausted ? error.asFault : error
        }
    }
}

extension SimulatedProvider.Call {
    /// Some providers charge a call whose caller has gone away, some do not.
    fileprivate mutating func forgive(number: Int) {
        if number.isMultiple(of: 2) { cost = .zero }
    }
}

extension ModelFailure {
    fileprivate var asFault: ModelFailure { ModelFailure(.serverError, status: 500, message: message) }
}

extension TokenUsage {
    /// What a stream has said of itself when it is cut: nothing, or its input and the output so far.
    fileprivate var whenCut: ReportedUsage {
        guard inputTokens.isMultiple(of: 2) else { return .nothing }
        var usage = self
        usage.outputTokens /= 3
        return ReportedUsage(usage, isFinal: false)
    }
}
