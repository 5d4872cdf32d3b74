/// What the ledger knows about the last minute.
public struct RecentUse: Sendable {
    public struct Call: Sendable {
        /// Since the call began.
        public var age: Duration
        public var usage: TokenUsage
        /// Names the call: see ``ModelRequest/idempotencyKey``.
        public var holder: String

        public init(age: Duration, usage: TokenUsage, holder: String) {
            self.age = age
            self.usage = usage
            self.holder = holder
        }
    }
    public var calls: [Call]
    /// Other workers may have calls in flight that are not in the ledger yet.
    public var mayHaveCallsInFlight: Bool

    public init(calls: [Call], mayHaveCallsInFlight: Bool) {
        self.calls = calls
        self.mayHaveCallsInFlight = mayHaveCallsInFlight
    }
}
