/// A subtask of the current plan.
package struct SubtaskSummary: Sendable, Equatable {
    /// Of the row in `subtasks`; dependencies name it.
    package var id: String
    /// Short name of the work, by the manager.
    package var title: String
    /// Agent type that solves it, or did last; nil if that type's row is gone.
    package var specialist: String?
    /// How far it is.
    package var status: SubtaskRecord.Status
    /// Verdict of the latest review; nil before the first.
    package var acceptance: ReviewVerdict?
    /// Ids of the subtasks that must be accepted first.
    package var dependencies: [String]
    /// The best reviewed version's score.
    package var score: Double?
    /// Accepted although below the bar, or never reviewed.
    package var isPartial: Bool
    /// Why it failed, or why it is only partial; nil otherwise.
    package var failure: String?

    package init(
        id: String, title: String, specialist: String?, status: SubtaskRecord.Status, acceptance: ReviewVerdict?,
        dependencies: [String], score: Double?, isPartial: Bool, failure: String?
    ) {
        self.id = id
        self.title = title
        self.specialist = specialist
        self.status = status
        self.acceptance = acceptance
        self.dependencies = dependencies
        self.score = score
        self.isPartial = isPartial
        self.failure = failure
    }
}
