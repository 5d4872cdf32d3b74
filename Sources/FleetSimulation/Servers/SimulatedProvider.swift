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
        var inputTokens: Int
        var outputTokens: Int
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
        let usage = TokenUsage(inputTokens: input, outputTokens: output)
        let (result, ending) = outcome(request, usage, faults, isTooSlow: duration > request.timeout)
        return state.withLock { state in
            state.calls.append(
                Call(
                    key: request.idempotencyKey, at: world.now, sentAt: sentAt, inputTokens: input,
                    outputTokens: output, ending: ending, process: process))
            return Prospect(
                number: state.calls.count - 1, duration: min(duration, request.timeout), result: result)
        }
    }

    func abandon(_ prospect: Prospect) {
        state.withLock { $0.calls[prospect.number].ending = .abandoned }
    }

    private func outcome(
        _ request: ModelRequest, _ usage: TokenUsage, _ faults: Faults, isTooSlow: Bool
    ) -> (Result<ModelReply, ModelFailure>, Call.Ending) {
        func failure(_ code: ModelFailure.Code, retryAfter: Duration? = nil, usage: TokenUsage = TokenUsage())
            -> (Result<ModelReply, ModelFailure>, Call.Ending)
        {
            (.failure(ModelFailure(code, message: "simulated", retryAfter: retryAfter, usage: usage)), .failed(code))
        }
        if isTooSlow { return failure(.timedOut, usage: usage) }
        if dice.chance(faults.rateLimited) {
            return failure(.rateLimited, retryAfter: faults.says429RetryAfter ? .seconds(2) : nil)
        }
        if dice.chance(faults.overloaded) { return failure(.overloaded) }
        if dice.chance(faults.serverError) { return failure(.serverError) }
        if dice.chance(faults.refused) { return failure(.refused, usage: usage) }
        let isTruncated = dice.chance(faults.truncated)
        let isInvalid = dice.chance(faults.invalid)
        let reply = ModelReply(text: isInvalid ? "{\"content\":" : text(for: request), usage: usage)
        if isTruncated {
            return bugs.contains(.endOfStreamIsSuccess)
                ? (.success(reply), .failed(.truncated)) : failure(.truncated, usage: usage)
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
            throw ModelFailure(.cancelled, message: "simulated", usage: TokenUsage(inputTokens: 1))
        }
        return try prospect.result.get()
    }
}
