import FleetCore
import FleetTesting
import Synchronization

/// The AI providers: they answer, refuse, cut off, and remember every request.
final class SimulatedProvider: Sendable {
    /// A request as the provider's own books have it.
    struct Call: Sendable, Hashable {
        enum Ending: Sendable, Hashable {
            /// A complete answer was sent; whether it satisfies its schema.
            case answered(isValid: Bool)
            case failed(ModelFailure.Code)
            /// The caller went away.
            case abandoned
        }

        var key: String
        var at: Duration
        /// When its caller sent it.
        var sentAt: Duration
        /// What it counts against the limit; nothing for an error.
        var inputTokens: Int
        var outputTokens: Int
        /// What it will put on the bill.
        var cost: Decimal6
        var ending: Ending
        var process: String
    }

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
        var result: Result<ModelReply, ModelFailure>
    }

    private struct State {
        var calls: [Call] = []
        var faults = Faults()
    }

    /// The only day there is, to the prices.
    static let day = "2026-01-01"

    private let state = Mutex(State())
    private let world: VirtualTime
    private let dice: Dice
    private let bugs: Set<PlantedBug>
    private let answers: ScriptedAnswers

    init(world: VirtualTime, dice: Dice, answers: ScriptedAnswers, bugs: Set<PlantedBug>) {
        self.world = world
        self.dice = dice
        self.answers = answers
        self.bugs = bugs
    }

    var calls: [Call] { state.withLock { $0.calls } }

    func set(_ faults: Faults) { state.withLock { $0.faults = faults } }

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
        let (result, ending) = outcome(request, usage, faults, isTooSlow: duration > request.timeout)
        let isError = if case .failure(let failure) = result { failure.isErrorStatus } else { false }
        state.withLock { state in
            state.calls.append(
                Call(
                    key: request.idempotencyKey, at: world.now, sentAt: sentAt, inputTokens: isError ? 0 : input,
                    outputTokens: isError ? 0 : output, cost: .zero, ending: ending, process: process))
            if !isError { state.calls[number].bill(usage) }
        }
        return Prospect(number: number, duration: min(duration, request.timeout), result: result)
    }

    func abandon(_ prospect: Prospect) {
        state.withLock { state in
            state.calls[prospect.number].ending = .abandoned
            state.calls[prospect.number].forgive(number: prospect.number)
        }
    }

    private func outcome(
        _ request: ModelRequest, _ usage: TokenUsage, _ faults: Faults, isTooSlow: Bool
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
        return answers.answer(kind, using: &generator).serialized()
    }
}

/// A worker's way to the simulated providers.
struct SimulatedModelCaller: ModelCaller {
    let provider: SimulatedProvider
    let link: Link

    func call(_ request: ModelRequest) async throws(ModelFailure) -> ModelReply {
        let prospect: SimulatedProvider.Prospect
        let sentAt = link.process.now
        do {
            prospect = try await link.call { provider.begin(request, from: link.process.name, sentAt: sentAt) }
        } catch SimulatedOutage.refused {
            throw ModelFailure(.unreachable, message: "simulated")
        } catch SimulatedOutage.replyLost {
            throw ModelFailure(.serverError, message: "simulated")
        } catch {
            throw ModelFailure(.cancelled, message: "simulated")
        }
        do {
            try await link.process.sleep(for: prospect.duration)
        } catch {
            provider.abandon(prospect)
            throw ModelFailure(.cancelled, message: "simulated")
        }
        return try prospect.result.get()
    }
}

extension SimulatedProvider.Call {
    fileprivate mutating func bill(_ usage: TokenUsage) {
        cost = TestCatalogue.model.cost(of: usage, on: SimulatedProvider.day)
    }

    /// Some providers charge a call whose caller has gone away, some do not.
    fileprivate mutating func forgive(number: Int) {
        if number.isMultiple(of: 2) { cost = .zero }
    }
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
