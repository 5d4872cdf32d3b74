import Catalogues
import FleetCore
import Foundation
import Providers

/// The catalogues that the repository ships.
enum RepositoryCatalogue {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "workers/agents")

    static func load() throws -> (agents: AgentCatalogue, models: [ModelSpec]) {
        let models = try ModelCatalogue.load(path: folder.appending(path: "models.yaml").path).models
        return (try AgentCatalogueLoader(path: folder.appending(path: "agents.yaml").path).load(models: models), models)
    }
}
