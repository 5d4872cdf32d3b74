/// Why a request to the rows was not carried out.
package struct TaskRepositoryError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What to tell whoever asked.
    package enum Code: String, Sendable {
        /// The database is away or overloaded; nothing was written.
        case unavailable
        /// The connection was lost while the work was being committed: it may or may not have been.
        case outcomeUnknown = "outcome_unknown"
        case notFound = "not_found"
        /// The task is not in a state that allows it.
        case conflict
        /// A defect of this program or of the stored rows.
        case defect
    }

    /// Decides the answer's HTTP status.
    package let code: Code
    /// Safe to log; that of ``Code/conflict`` is made to be shown.
    package let message: String

    /// The message has to be safe to log.
    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// Whether the same request can succeed later without a change.
    package var isRetriable: Bool { code == .unavailable }

    /// Code and message, for logs.
    package var description: String { "\(code.rawValue): \(message)" }
}
