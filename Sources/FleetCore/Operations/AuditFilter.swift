/// Which entries of the audit log are wanted; nil: any.
package struct AuditFilter: Sendable {
    package var actor: String?
    /// An action, or the part of its name before the dot.
    package var action: String?
    /// An object, or the part of its name before the slash.
    package var object: String?
    /// Only entries before this one.
    package var before: Int?

    package init(actor: String? = nil, action: String? = nil, object: String? = nil, before: Int? = nil) {
        self.actor = actor
        self.action = action
        self.object = object
        self.before = before
    }
}
