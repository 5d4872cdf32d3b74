/// An error that knows whether the same work can succeed later without a change.
package protocol RetriableError: Error {
    var isRetriable: Bool { get }
    /// The content is what is refused: however often it is tried, it will not be taken.
    var isRefusal: Bool { get }
}

extension RetriableError {
    /// Unless it says so, an error has another cause than what was given.
    package var isRefusal: Bool { false }
}
