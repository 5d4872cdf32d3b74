/// Why rows could not be read or written. Nothing is half-written.
package struct StoreFailure: Error, Sendable, Equatable, CustomStringConvertible {
    /// What whoever asked can do about it.
    package enum Kind: String, Sendable, CaseIterable {
        /// The database is away, overloaded or not set up, and nothing was written: the same can succeed later.
        case outage
        /// The connection was lost while the work was being committed: it may or may not have been.
        case outcomeUnknown = "outcome_unknown"
        /// The content is what is refused: however often it is tried, it will not be taken.
        case refusal
        /// A defect of this program or of the stored rows.
        case defect
    }

    package let kind: Kind
    /// Safe to log.
    package let message: String

    /// The message has to be safe to log.
    package init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }

    /// Kind and message, for logs.
    package var description: String { "\(kind.rawValue): \(message)" }
}
