/// What is going on with a batch as a whole.
package enum BatchState: String, Sendable, CaseIterable {
    case open
    /// A pause covers it: nothing more of it goes out.
    case paused
    /// It was cancelled, and nothing of it is open.
    case cancelled
    case finished

    /// - Parameters:
    ///   - isPaused: by itself or with its user.
    ///   - isCancelled: somebody has cancelled it, at some time.
    package init(_ counts: BatchCounts, isPaused: Bool, isCancelled: Bool) {
        if counts.open > 0 || counts.total == 0 {
            self = isPaused ? .paused : .open
        } else {
            self = isCancelled ? .cancelled : .finished
        }
    }
}
