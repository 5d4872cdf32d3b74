package import JSON

/// A final answer as it is stored.
package struct TaskAnswer: Sendable, Equatable {
    /// The synthesis as JSON text, or Markdown.
    package var content: String
    /// `limitations`, `partial` and the synthesis' own members; an empty object if nothing is stored.
    package var metadata: JSONValue
    /// Number of the final answer, from 1.
    package var version: Int
    /// When the task came to it, microseconds since 1970-01-01 UTC.
    package var completedAt: Int

    package init(content: String, metadata: JSONValue, version: Int, completedAt: Int) {
        self.content = content
        self.metadata = metadata
        self.version = version
        self.completedAt = completedAt
    }
}
