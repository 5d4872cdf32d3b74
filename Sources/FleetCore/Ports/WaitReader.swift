/// Answers the question why something does not move, from the rows alone. Each is nil if there is no such thing.
package protocol WaitReader: Sendable {
    func step(_ id: Int) async throws -> StepFacts?

    /// With up to twenty of its open steps.
    func task(_ id: String) async throws -> TaskFacts?

    /// - Parameter name: its id, or the name that its user has given it; of several users' batches the newest.
    func batch(_ name: String) async throws -> BatchFacts?
}
