import FleetCore
import Synchronization

/// Guesses what a call will take, from what such calls took before.
///
/// Input: bytes divided by four, times a ratio learned per model. Output: what the same agent type answered to the same
/// kind of question, mean plus two standard deviations or a slowly falling maximum, whichever is more, and at most what
/// the call may generate. A guess that is too low is corrected when the call is settled, when the tokens may have gone
/// beyond the limit already; one that is too high holds capacity back only until then. So guesses begin high.
final class TokenEstimator: Sendable {
    private struct Key: Hashable {
        var agentType: String
        var kind: StepKind
    }

    /// Exponentially weighted mean and variance, and a maximum that is forgotten slowly.
    private struct Outputs {
        var mean: Double
        var variance = 0.0
        var maximum = Double(TokenEstimator.firstOutputGuess)

        var guess: Double { max(mean + 2 * variance.squareRoot(), maximum) }

        mutating func add(_ value: Double, weight: Double = 0.1) {
            let difference = value - mean
            mean += weight * difference
            variance = (1 - weight) * (variance + weight * difference * difference)
            maximum = TokenEstimator.risingAtOnce(maximum, value)
        }
    }

    private struct State {
        var outputs: [Key: Outputs] = [:]
        var inputRatios: [String: Double] = [:]
    }

    /// Tokens of four bytes at a model, before its first answer.
    private static let firstRatio = 1.1

    /// Tokens of four bytes, rounded up to tenths: prompts are cut by it, and equal steps shall get equal prompts. No
    /// tokenizer makes more than two of what people write; an absurd report must not make prompts too large for a model
    /// whose answers alone could correct it.
    func ratio(of model: String) -> Double {
        let ratio = state.withLock { $0.inputRatios[model] } ?? Self.firstRatio
        return min(2, (ratio * 10).rounded(.up) / 10)
    }

    /// Before the first answer: a generous page of text.
    fileprivate static let firstOutputGuess = 1200

    private let state = Mutex(State())

    func estimate(_ request: ModelRequest, kind: StepKind) -> TokenEstimate {
        let raw = Self.rawInput(request)
        return state.withLock { state in
            let ratio = state.inputRatios[request.model] ?? Self.firstRatio
            let output =
                state.outputs[Key(agentType: request.agentType, kind: kind)]
                .map { Int($0.guess.rounded(.up)) } ?? Self.firstOutputGuess
            return TokenEstimate(
                inputTokens: Int((Double(raw) * ratio).rounded(.up)), outputTokens: min(output, request.maxOutputTokens)
            )
        }
    }

    func learn(_ request: ModelRequest, kind: StepKind, usage: TokenUsage) {
        // A server that counts nothing teaches nothing.
        guard usage.inputTokens > 0 else { return }
        // One absurd report must not reserve whole minutes for hours.
        let observed = min(Double(usage.inputTokens) / Double(max(Self.rawInput(request), 1)), 4)
        let output = Double(min(usage.outputTokens, request.maxOutputTokens))
        state.withLock { state in
            let ratio = state.inputRatios[request.model] ?? observed
            state.inputRatios[request.model] = Self.risingAtOnce(ratio, observed)
            let key = Key(agentType: request.agentType, kind: kind)
            state.outputs[key, default: Outputs(mean: output)].add(output)
        }
    }

    /// Rises at once, falls slowly: too low a guess risks the limit, too high a one costs a moment.
    fileprivate static func risingAtOnce(_ value: Double, _ observed: Double) -> Double {
        observed > value ? observed : value + 0.05 * (observed - value)
    }

    /// What a call may take at most: no tokenizer makes more than one token of two ASCII characters or of one other
    /// byte on average, and the answer cannot be longer than was asked for.
    static func bound(of request: ModelRequest) -> TokenEstimate {
        var (ascii, other) = (0, 0)
        for text in [request.system, request.prompt, request.schema.json] {
            let plain = text.utf8.count { $0 < 0x80 }
            ascii += plain
            other += text.utf8.count - plain
        }
        return TokenEstimate(
            inputTokens: (ascii + 1) / 2 + other + framing, outputTokens: request.maxOutputTokens)
    }

    /// What a provider puts around the texts.
    private static let framing = 100

    private static func rawInput(_ request: ModelRequest) -> Int {
        (request.size + 3) / 4
    }
}
