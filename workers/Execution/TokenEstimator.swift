import FleetCore
import Synchronization

/// Guesses what a call will take, from what such calls took before.
///
/// Input: bytes divided by four, times a ratio learned per model. Output: mean plus two standard deviations of what
/// the same agent type answered to the same kind of question, at most what the call may generate. A guess that is too
/// low is corrected when the call is settled; one that is too high holds capacity back only until then.
final class TokenEstimator: Sendable {
    private struct Key: Hashable {
        var agentType: String
        var kind: StepKind
    }

    /// Exponentially weighted mean and variance.
    private struct Average {
        var mean: Double
        var variance: Double

        mutating func add(_ value: Double, weight: Double = 0.1) {
            let difference = value - mean
            mean += weight * difference
            variance = (1 - weight) * (variance + weight * difference * difference)
        }
    }

    private struct State {
        var outputs: [Key: Average] = [:]
        var inputRatios: [String: Double] = [:]
    }

    /// Before the first answer: a generous page of text.
    private static let firstOutputGuess = 1200

    private let state = Mutex(State())

    func estimate(_ request: ModelRequest, kind: StepKind) -> TokenEstimate {
        let raw = Self.rawInput(request)
        return state.withLock { state in
            let ratio = state.inputRatios[request.model] ?? 1.1
            let output =
                state.outputs[Key(agentType: request.agentType, kind: kind)]
                .map { Int(($0.mean + 2 * $0.variance.squareRoot()).rounded(.up)) } ?? Self.firstOutputGuess
            return TokenEstimate(
                inputTokens: Int((Double(raw) * ratio).rounded(.up)), outputTokens: min(output, request.maxOutputTokens)
            )
        }
    }

    func learn(_ request: ModelRequest, kind: StepKind, usage: TokenUsage) {
        guard usage.inputTokens > 0 else { return }
        let observed = Double(usage.inputTokens) / Double(max(Self.rawInput(request), 1))
        state.withLock { state in
            let ratio = state.inputRatios[request.model] ?? observed
            // Rises at once, falls slowly: too low a guess risks the limit, too high a one costs a moment.
            state.inputRatios[request.model] = observed > ratio ? observed : ratio + 0.05 * (observed - ratio)
            let key = Key(agentType: request.agentType, kind: kind)
            state.outputs[key, default: Average(mean: Double(usage.outputTokens), variance: 0)]
                .add(Double(usage.outputTokens))
        }
    }

    private static func rawInput(_ request: ModelRequest) -> Int {
        (request.system.utf8.count + request.prompt.utf8.count + 3) / 4
    }
}
