import Catalogues
import FleetCore
import Providers

/// The fleet's own catalogues: real prompts, real schemas, real queues.
struct BenchCatalogue {
    let agents: AgentCatalogue
    let models: ModelCatalogue

    /// Reads the files that MIXMYAI_AGENTS and MIXMYAI_MODELS name.
    init(_ servers: Servers) throws {
        models = try ModelCatalogue.load(path: servers.required("MIXMYAI_MODELS"))
        agents = try AgentCatalogueLoader(path: servers.required("MIXMYAI_AGENTS")).load(models: models.models)
    }
}
