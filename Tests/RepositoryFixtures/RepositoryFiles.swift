internal import Catalogues
package import FleetCore
package import Foundation
package import Providers

/// What the repository ships beside its code.
package enum RepositoryFiles {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// - Parameter path: from the folder of the package manifest.
    package static func url(_ path: String) -> URL { root.appending(path: path) }

    /// Both catalogues, checked as the programs check them.
    package static func catalogues() throws -> (agents: AgentCatalogue, models: ModelCatalogue) {
        let models = try ModelCatalogue.load(path: url("workers/agents/models.yaml").path)
        let agents = try AgentCatalogueLoader(path: url("workers/agents/agents.yaml").path).load(models: models.models)
        return (agents, models)
    }
}
