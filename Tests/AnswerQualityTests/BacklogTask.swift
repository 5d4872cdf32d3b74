import FleetCore
import Foundation
import JSON
import RepositoryFixtures

/// A task of the repository's example backlog.
struct BacklogTask: Sendable {
    var title: String
    var description: String
    var context: JSON.JSONValue?

    static func all() throws -> [BacklogTask] {
        let text = try String(contentsOf: RepositoryFiles.url("ops/examples/backlog.jsonl"), encoding: .utf8)
        return try text.split(separator: "\n").compactMap { line in
            let task = try JSON.JSONValue(parsing: line)
            guard let title = task["title"]?.string, let description = task["description"]?.string else { return nil }
            return BacklogTask(title: title, description: description, context: task["context"])
        }
    }
}
