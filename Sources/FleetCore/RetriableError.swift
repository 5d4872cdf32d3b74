/// An error that knows whether the same work can succeed later without a change.
public protocol RetriableError: Error {
    var isRetriable: Bool { get }
}
