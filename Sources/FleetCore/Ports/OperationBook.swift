/// Long pieces of operators' work.
package protocol OperationBook: Sendable {
    /// Newest first.
    func operations(includingEnded: Bool) async throws -> [OperationRecord]

    /// Nil if there is none.
    func operation(_ id: String) async throws -> OperationRecord?

    /// Pauses, goes on with, or ends an operation. What it has begun goes on in any case.
    ///
    /// - Throws: ``OperatorError`` if there is none, or it is not in a state for it.
    func change(_ id: String, to state: OperationRecord.State, _ action: OperatorAction) async throws -> OperationRecord

    /// Carries on every operation that runs, by as much as is due now; of several callers one does it. Also closes letters
    /// whose work was done after all.
    func continueOperations() async throws -> OperationProgress
}

/// What one look at the operations has done.
package struct OperationProgress: Sendable, Equatable {
    /// Letters whose tasks were asked to try again: schedulers have something to advance.
    package var begun = 0
    /// Some operation is under way: it should be looked at again soon.
    package var isAnyOpen = false

    package init() {}
}
