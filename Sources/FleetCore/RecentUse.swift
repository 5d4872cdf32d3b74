/// What the ledger knows about the last minute.
public struct RecentUse: Sendable {
    public struct Call: Sendable {
        public var age: Duration
        public var usage: TokenUsage

        public init(age: Duration, usage: TokenUsage) {
            self.age = age
            self.usage = usage
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
