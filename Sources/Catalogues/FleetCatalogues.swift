package import FleetCore

/// The two catalogues of a fleet, checked against each other.
package struct FleetCatalogues: Sendable {
    package let agents: AgentCatalogue
    package let models: ModelCatalogue

    /// Reads the files, with the prompts and schemas that the agents name.
    ///
    /// - Throws: ``ModelCatalogueError`` or ``AgentCatalogueError``: file, place in it, what is wrong, what is allowed.
    package init(agents agentsPath: String, models modelsPath: String) throws {
        models = try ModelCatalogue.load(path: modelsPath)
        agents = try AgentCatalogueLoader(path: agentsPath).load(models: models.models)
    }

    /// The most that an attempt of each agent may cost.
    package var attemptBounds: AttemptBounds {
        AttemptBounds(agents: agents.agents, models: models.models, inputs: agents.inputs)
    }
}
