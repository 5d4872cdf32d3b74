/// Why a request to the rows of tasks was not carried out.
package enum TaskRepositoryError: Error, Sendable, Equatable, CustomStringConvertible {
    /// There is no such task, or not for whoever asks.
    case notFound(String)
    /// The task is not in a state that allows it; the message is made to be shown.
    case conflict(String)
    /// The rows could not be read or written.
    case failed(StoreFailure)

    package var isConflict: Bool { if case .conflict = self { true } else { false } }
    package var isNotFound: Bool { if case .notFound = self { true } else { false } }

    /// Safe to log.
    package var message: String {
        switch self {
        case .notFound(let message), .conflict(let message): message
        case .failed(let failure): failure.message
        }
    }

    /// Kind and message, for logs.
    package var description: String {
        switch self {
        case .notFound: "not_found: \(message)"
        case .conflict: "conflict: \(message)"
        case .failed(let failure): "\(failure)"
        }
    }
}
