import FleetCore
import Providers

/// The two catalogues, loaded and checked against each other.
struct Catalogues {
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
        agents = try AgentCatalogueLoader(path: agentsPath).load(models: models.models)
    }
}
