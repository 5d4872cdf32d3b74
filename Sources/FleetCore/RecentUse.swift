/// What the ledger knows about the last minute.
public struct RecentUse: Sendable {
    /// A call that the window may still contain.
    public struct Call: Sendable {
        /// Since the call began.
        public var age: Duration
        /// What it used; for a lost attempt, whose usage nobody knows, a usual amount.
        public var usage: TokenUsage
        /// Names the call: see ``ModelRequest/idempotencyKey``.
        public var holder: String

        /// A row of the ledger, or a lost attempt that may have called.
        public init(age: Duration, usage: TokenUsage, holder: String) {
            self.age = age
            self.usage = usage
            self.holder = holder
        }
    }
    /// Those of the last 61 s, to one bucket set.
    public var calls: [Call]
    /// Other workers may have calls in flight that are not in the ledger yet.
    public var mayHaveCallsInFlight: Bool

    /// All parts as the ledger says.
    public init(calls: [Call], mayHaveCallsInFlight: Bool) {
        self.calls = calls
        self.mayHaveCallsInFlight = mayHaveCallsInFlight
    }
}
