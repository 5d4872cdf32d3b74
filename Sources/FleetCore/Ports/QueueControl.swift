/// Pausing, resuming and purging the work that waits. Whatever is done here is in the audit log with it.
package protocol QueueControl: Sendable {
    /// All pauses, oldest first.
    func holds() async throws -> [Hold]

    /// Puts a pause on a scope; what runs finishes. Returns the pause that is there now, and whether it is new.
    ///
    /// - Throws: ``OperatorError`` `notFound` if there is no such agent type or batch.
    func pause(_ scope: Hold.Scope, _ action: OperatorAction) async throws -> (hold: Hold, isNew: Bool)

    /// Lifts a pause; false if there was none. What it kept goes on at once; the sweep makes up for a caller that dies.
    func resume(_ scope: Hold.Scope, _ action: OperatorAction) async throws -> Bool

    /// What a purge of an agent type's queue would take.
    func countPurge(_ agentType: String) async throws -> PurgeCount

    /// Cancels the steps that were counted and still wait; running ones finish. Their tasks go on without them. Returns
    /// how many were cancelled.
    func purge(_ agentType: String, _ count: PurgeCount, _ action: OperatorAction) async throws -> Int
}
