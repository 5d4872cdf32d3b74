import FleetCore
import FleetTesting

/// The models that a plan's agents may ask, and what may be asked of them in a minute.
struct ModelMarket: Sendable {
    var models: [ModelSpec]
    var agents: AgentCatalogue
    /// What operators have set, by provider: it holds for each class of the provider's models.
    var limits: [String: RateLimits]
    /// Requests per minute that the providers themselves allow and say with every answer, by class; the operators know
    /// nothing of them.
    var allowances: [String: Int] = [:]

    /// One model of one provider.
    init(limits: RateLimits) {
        models = [TestCatalogue.model]
        agents = TestCatalogue.agents
        self.limits = [TestCatalogue.model.provider: limits]
    }

    /// Two models of one provider and one of another, at prices of their own.
    init(limits: RateLimits, otherLimits: RateLimits) {
        models = [
            TestCatalogue.model, Self.model("second-model", of: "openai", dearerBy: 3),
            Self.model("far-model", of: "anthropic", dearerBy: 7),
        ]
        agents = TestCatalogue.agents(asking: models)
        self.limits = ["openai": limits, "anthropic": otherLimits]
    }

    var bounds: AttemptBounds { AttemptBounds(agents: agents.agents, models: models, inputs: TestCatalogue.inputs) }

    var settings: [LimitSetting] {
        limits.sorted { $0.key < $1.key }.map { LimitSetting(provider: $0.key, limitClass: "*", limits: $0.value) }
    }

    subscript(name: String) -> ModelSpec? { models.first { $0.name == name } }

    private static func model(_ name: String, of provider: String, dearerBy factor: Int) -> ModelSpec {
        var model = TestCatalogue.model
        model.name = name
        model.provider = provider
        model.modelID = name
        model.limitClass = name
        for index in model.prices.indices {
            model.prices[index].input.multiply(by: factor)
            model.prices[index].output.multiply(by: factor)
            model.prices[index].cacheRead.multiply(by: factor)
            model.prices[index].cacheWrite.multiply(by: factor)
        }
        return model
    }
}

extension Decimal6 {
    fileprivate mutating func multiply(by factor: Int) { self = Decimal6(millionths: millionths * factor) }
}
