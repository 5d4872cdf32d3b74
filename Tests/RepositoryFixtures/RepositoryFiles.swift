package import Catalogues
package import Foundation

/// What the repository ships beside its code.
package enum RepositoryFiles {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// - Parameter path: from the folder of the package manifest.
    package static func url(_ path: String) -> URL { root.appending(path: path) }

    /// Both catalogues, checked as the programs check them.
    package static func catalogues() throws -> FleetCatalogues {
        try FleetCatalogues(
            agents: url("workers/agents/agents.yaml").path, models: url("workers/agents/models.yaml").path)
    }
}
