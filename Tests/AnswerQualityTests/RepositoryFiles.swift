import Catalogues
import FleetCore
import Foundation
import Providers

/// The catalogues that the repository ships.
enum RepositoryFiles {
    static func catalogues() throws -> (AgentCatalogue, ModelCatalogue) {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "workers/agents")
        let models = try ModelCatalogue.load(path: folder.appending(path: "models.yaml").path)
        let agents = try AgentCatalogueLoader(path: folder.appending(path: "agents.yaml").path).load(
            models: models.models)
        return (agents, models)
    }
}
