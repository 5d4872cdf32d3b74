/// What a replay would do, before it does it.
package struct ReplayPreview: Sendable {
    /// Open letters that match.
    package var letters: Int
    /// Of them, those that another replay is dealing with: they stay with it.
    package var taken: Int
    /// Tasks that would try their failed parts again.
    package var unblocked: Int
    /// Tasks that are still at work: their letters wait until they are not.
    package var atWork: Int
    /// Letters for which nothing can be tried again: their tasks are gone, cancelled, or completed without them.
    package var pointless: Int
    /// What a task of this fleet has cost, in the middle and in nine of ten cases; nil: none has finished yet.
    package var costPerTask: (p50: Decimal6, p90: Decimal6)?

    package init(
        letters: Int, taken: Int, unblocked: Int, atWork: Int, pointless: Int,
        costPerTask: (p50: Decimal6, p90: Decimal6)?
    ) {
        self.letters = letters
        self.taken = taken
        self.unblocked = unblocked
        self.atWork = atWork
        self.pointless = pointless
        self.costPerTask = costPerTask
    }
}
