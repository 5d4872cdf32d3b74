/// What the ledger knows about the last minute.
package struct RecentUse: Sendable {
    /// A call that the window may still contain.
    package struct Call: Sendable {
        /// Since the call began.
        package var age: Duration
        /// What it used; for a lost attempt, whose usage nobody knows, a usual amount.
        package var usage: TokenUsage
        /// Names the call: see ``ModelRequest/idempotencyKey``.
        package var holder: String

        /// A row of the ledger, or a lost attempt that may have called.
        package init(age: Duration, usage: TokenUsage, holder: String) {
            self.age = age
            self.usage = usage
            self.holder = holder
        }
    }
    /// Those of the last 61 s, to one bucket set.
    package var calls: [Call]
    /// Other workers may have calls in flight that are not in the ledger yet.
    package var mayHaveCallsInFlight: Bool

    package init(calls: [Call], mayHaveCallsInFlight: Bool) {
        self.calls = calls
        self.mayHaveCallsInFlight = mayHaveCallsInFlight
    }
}
