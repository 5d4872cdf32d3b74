/// What a run came to.
package struct InterleavingReport: Sendable {
    package let plan: InterleavingPlan
    /// In words; empty if all is well.
    package let violations: [String]
    /// Every turn, in order.
    package let trace: [TraceEntry]
    package let steps: Int
    package let claims: Int
    /// The first turns, which the seed alone has decided: then a commit ended several waits at once, and which of those went
    /// first was the server's to say.
    package let exactTurns: Int

    /// Turns in which a statement was sent.
    package var statements: Int { trace.count { $0.statement != nil } }
    /// The order of the turns; comparable between runs as far as both are exact.
    package var order: [String] { trace.map { "\($0.party) \($0.statement ?? $0.operation)" } }
}
