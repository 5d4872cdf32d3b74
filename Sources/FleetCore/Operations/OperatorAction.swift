/// Who does something to the fleet, and why: both are kept in the audit log.
package struct OperatorAction: Sendable, Equatable {
    /// A person's name: of the operating system's user, if a command does it.
    package var actor: String
    package var reason: String

    package init(actor: String, reason: String) {
        self.actor = actor
        self.reason = reason
    }
}
