import Catalogues
import FleetCore
import Providers

/// The two catalogues, loaded and checked against each other.
struct LoadedCatalogues {
    var agents: AgentCatalogue
    var models: ModelCatalogue

    init(_ settings: Settings) throws(BootError) {
        let modelsPath = try settings.required(
            "MIXMYAI_MODELS", hint: "the path of the model catalogue, workers/agents/models.yaml")
        let agentsPath = try settings.required(
            "MIXMYAI_AGENTS", hint: "the path of the agent catalogue, workers/agents/agents.yaml")
        do {
            models = try ModelCatalogue.load(path: modelsPath)
        } catch {
            throw BootError(.modelCatalogue, "MIXMYAI_MODELS: \(error)")
        }
        do {
            agents = try AgentCatalogueLoader(path: agentsPath).load(models: models.models)
        } catch {
            throw BootError(.agentCatalogue, "MIXMYAI_AGENTS: \(error)")
        }
    }

    /// The most that an attempt of each agent may cost.
    var attemptBounds: AttemptBounds {
        AttemptBounds(agents: agents.agents, models: models.models, inputs: agents.inputs)
    }
}
