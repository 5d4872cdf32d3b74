/// Batches as operators and their owners work on them. Whatever is done here is in the audit log with it.
package protocol BatchDesk: Sendable {
    /// The batch of this id, or of this name.
    ///
    /// - Parameter user: whose batch; nil: anybody's.
    /// - Throws: ``OperatorError`` `notFound`, or `conflict` if several users have one of the name: it names them.
    func find(_ name: String, user: String?) async throws -> BatchReference

    /// The newest batches, without what is looked up for one only.
    func list(user: String?, limit: Int) async throws -> [BatchOverview]

    /// Nil if it is gone.
    func overview(_ id: String) async throws -> BatchOverview?

    /// Nothing more of it goes out; what runs finishes. Returns the pause that is there now, and whether it is new.
    func pause(_ id: String, _ action: OperatorAction) async throws -> (hold: Hold, isNew: Bool)

    /// Lifts its pause, and lets its breaker begin anew; false if there was none.
    ///
    /// - Parameter withoutPilot: the others need not wait for a pilot that is under way.
    func resume(_ id: String, withoutPilot: Bool, _ action: OperatorAction) async throws -> Bool

    func countCancel(_ id: String) async throws -> BatchCount

    /// Cancels the tasks that were counted and have not ended; of tasks that had ended before, only the retry or the
    /// revision. May be run again if it was cut off. Returns how many were cancelled.
    func cancel(_ id: String, _ count: BatchCount, _ action: OperatorAction) async throws -> Int

    func countRetry(_ id: String) async throws -> BatchCount

    /// Begins an operation that lets all failed and partially completed tasks try their failed parts again.
    ///
    /// - Throws: ``OperatorError`` `notFound` if there are none that no other operation has taken.
    func retry(_ id: String, _ options: ReplayOptions, _ action: OperatorAction) async throws -> OperationRecord

    /// Sets or, with nil, removes its breaker.
    func setBreaker(_ id: String, _ breaker: BatchBreaker?, _ action: OperatorAction) async throws
}
