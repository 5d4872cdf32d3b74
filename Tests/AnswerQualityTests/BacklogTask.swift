import FleetCore
import Foundation

/// A task of the repository's example backlog.
struct BacklogTask: Sendable {
    var title: String
    var description: String
    var context: FleetCore.JSONValue?

    static func all() throws -> [BacklogTask] {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "ops/examples/backlog.jsonl")
        return try String(contentsOf: file, encoding: .utf8).split(separator: "\n").compactMap { line in
            let task = try FleetCore.JSONValue(parsing: line)
            guard let title = task["title"]?.string, let description = task["description"]?.string else { return nil }
            return BacklogTask(title: title, description: description, context: task["context"])
        }
    }
}
