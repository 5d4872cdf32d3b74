/// Where the task's final answer comes from.
package struct FinalAnswer: Sendable {
    /// Rows that the answer is copied from.
    package enum Source: Sendable, Equatable {
        /// The solution that this step wrote.
        case step(Int)
        /// The accepted solutions of these execution steps, one after another: synthesis failed.
        case solutions([Int])
    }

    /// Where its text is copied from.
    package var source: Source
    /// The agent that is named as its author: the analyst, also for one that had to be put together from solutions.
    package var agentType: String
    /// Number of the final answer, from 1.
    package var version: Int
    /// What the answer has to admit; those of the task when it ended.
    package var limitations: [String]
    /// It has limitations.
    package var isPartial: Bool
}
