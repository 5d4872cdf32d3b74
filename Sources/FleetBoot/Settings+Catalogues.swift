package import Catalogues

extension Settings {
    /// The catalogues that the settings name.
    package func catalogues() throws(BootError) -> FleetCatalogues {
        let models = try required(
            "MIXMYAI_MODELS", hint: "the path of the model catalogue, workers/agents/models.yaml")
        let agents = try required(
            "MIXMYAI_AGENTS", hint: "the path of the agent catalogue, workers/agents/agents.yaml")
        do {
            return try FleetCatalogues(agents: agents, models: models)
        } catch let error as ModelCatalogueError {
            throw BootError(.modelCatalogue, "MIXMYAI_MODELS: \(error)")
        } catch {
            throw BootError(.agentCatalogue, "MIXMYAI_AGENTS: \(error)")
        }
    }
}
