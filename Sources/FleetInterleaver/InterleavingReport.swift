/// What a run came to.
package struct InterleavingReport: Sendable {
    package let plan: InterleavingPlan
    /// In words; empty if all is well.
    package let violations: [String]
    /// Every turn, in order.
    package let trace: [TraceEntry]
    package let steps: Int
    package let claims: Int

    /// Turns in which a statement was sent.
    package var statements: Int { trace.count { $0.statement != nil } }
    /// The order of the statements, comparable between runs.
    package var order: [String] { trace.map { "\($0.party) \($0.statement ?? $0.operation)" } }
}
