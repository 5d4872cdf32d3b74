/// What a worker writes about an attempt that has made no call yet.
package struct LimitWaitNote: Sendable {
    package var stepID: Int
    package var attempt: Int
    /// Nil: it waits no more, and may call from now on. Nothing that is said of the attempt later changes that.
    package var wait: LimitWait?
    /// For how long already.
    package var waited: Duration

    package init(stepID: Int, attempt: Int, wait: LimitWait?, waited: Duration = .zero) {
        self.stepID = stepID
        self.attempt = attempt
        self.wait = wait
        self.waited = waited
    }
}
