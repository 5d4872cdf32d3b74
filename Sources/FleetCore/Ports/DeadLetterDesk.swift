/// Dead letters as operators work on them. Whatever is done here is in the audit log with it.
package protocol DeadLetterDesk: Sendable {
    /// Open letters by what they died of, the most first.
    func groups() async throws -> [DeadLetterGroup]

    /// Open letters, newest first, without their attempts.
    func letters(_ filter: DeadLetterFilter, limit: Int) async throws -> [DeadLetter]

    /// One with its attempts and calls, also if it is closed; nil if there is none.
    func letter(_ id: Int) async throws -> DeadLetter?

    /// What a replay would do.
    ///
    /// - Throws: ``OperatorError`` `invalid` if no agent names the model of `options`.
    func preview(_ filter: DeadLetterFilter, _ options: ReplayOptions) async throws -> ReplayPreview

    /// Begins a replay of all open letters that match and that no other replay has taken. Schedulers carry it on.
    ///
    /// - Throws: ``OperatorError`` `notFound` if none matches, `conflict` if those that were named are closed.
    func replay(
        _ filter: DeadLetterFilter, _ options: ReplayOptions, _ action: OperatorAction
    ) async throws -> OperationRecord

    /// Gives a letter's work another text and replays it: the description of its subtask, of its task if it has none. The
    /// text before stays in the letter.
    ///
    /// - Throws: ``OperatorError`` if there is no such open letter, or its task is gone.
    func edit(_ id: Int, description: String, _ options: ReplayOptions, _ action: OperatorAction) async throws
        -> OperationRecord

    /// Closes open letters for good; those that a replay has begun stay. Returns how many were closed.
    func discard(_ filter: DeadLetterFilter, _ action: OperatorAction) async throws -> Int
}
