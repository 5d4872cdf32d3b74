package import JSON

/// The most that one attempt at a step may cost, by agent type and kind of step: what a lost attempt counts for, of
/// which nobody knows whether and whom it called.
package struct AttemptBounds: Sendable, Equatable {
    /// A prompt is cut to its cap by what was learned of the tokenizer; a text may have more tokens than that, but not
    /// more than one for every two bytes.
    private static let tokensPerCapToken = 2
    /// An answer may need one repair.
    private static let callsPerModel = 2

    private var byType: [String: [StepKind: Decimal6]] = [:]

    /// No bounds are known.
    package init() {}

    /// An attempt may ask every model of one of the agent's two lists twice, with a prompt and an answer of full
    /// length, at the dearest price that the catalogue has for such a call, whatever the day.
    package init(agents: [AgentSpec], models: [ModelSpec], inputs: InputManifest) {
        let specs = Dictionary(models.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        for agent in agents {
            for kind in agent.prompts.keys {
                func bound(_ names: [String]) -> Decimal6 {
                    names.compactMap { specs[$0] }.reduce(.zero) { sum, model in
                        let call = model.highestCost(
                            of: TokenEstimate(
                                inputTokens: min(
                                    (inputs[kind]?.cap ?? model.maxInputTokens) * Self.tokensPerCapToken,
                                    model.maxInputTokens),
                                outputTokens: min(agent.maxOutputTokens, model.maxOutputTokens)))
                        return sum + Decimal6(millionths: call.millionths * Self.callsPerModel)
                    }
                }
                byType[agent.type, default: [:]][kind] = max(bound(agent.models), bound(agent.complexModels))
            }
        }
    }

    /// The most that an attempt may cost; nil if the agent has no such step.
    package subscript(agentType: String, kind: StepKind) -> Decimal6? { byType[agentType]?[kind] }

    /// An agent type's bounds as they are stored: micro-dollars by kind.
    package func json(for agentType: String) -> JSONValue {
        var object = JSONObject()
        for (kind, bound) in (byType[agentType] ?? [:]).sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            object[kind.rawValue] = .integer(bound.millionths)
        }
        return .object(object)
    }
}
