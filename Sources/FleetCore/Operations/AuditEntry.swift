package import JSON

/// Something that somebody has done to the fleet.
package struct AuditEntry: Sendable {
    /// Rises with every entry.
    package var id: Int
    /// Microseconds since 1970-01-01 UTC.
    package var at: Int
    package var actor: String
    /// `queue.pause`, `limit.set`, ...
    package var action: String
    /// `queue/TYPE`, `batch/ID`, ...
    package var object: String
    /// What it was, and what it has become; nil where there is nothing to compare.
    package var before: JSONValue?
    package var after: JSONValue?
    package var reason: String?

    package init(
        id: Int, at: Int, actor: String, action: String, object: String, before: JSONValue?, after: JSONValue?,
        reason: String?
    ) {
        self.id = id
        self.at = at
        self.actor = actor
        self.action = action
        self.object = object
        self.before = before
        self.after = after
        self.reason = reason
    }
}
