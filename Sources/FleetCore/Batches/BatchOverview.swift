/// A batch as the rows say. Times are microseconds since 1970-01-01 UTC.
package struct BatchOverview: Sendable, Equatable {
    /// Tasks of the batch that failed of the same thing.
    package struct FailureGroup: Sendable, Equatable {
        /// Of their dead letters; nil: they left none, and the texts of their failures are the same.
        package var fingerprint: String?
        /// Tasks.
        package var count: Int
        /// What one of them says.
        package var example: String
        /// A dead letter that says so; nil if there is none.
        package var deadLetterID: Int?

        package init(fingerprint: String?, count: Int, example: String, deadLetterID: Int?) {
            self.fingerprint = fingerprint
            self.count = count
            self.example = example
            self.deadLetterID = deadLetterID
        }
    }

    package var id: String
    package var name: String
    package var userID: String
    package var createdAt: Int
    package var isCancelled: Bool
    package var counts: BatchCounts
    /// In percent: a task that has ended counts 100, one at work as far as it is.
    package var progress: Int
    package var pace: BatchPace?
    /// Those that cover it, the oldest first; a pilot's is not a pause of the batch.
    package var holds: [Hold] = []
    package var breaker: BatchBreaker?
    package var pilot: BatchPilot?
    /// The rest is looked up for one batch only.
    package var cost = CostSums()
    package var failures: [FailureGroup] = []
    package var binding: BatchBinding?

    package init(
        id: String, name: String, userID: String, createdAt: Int, isCancelled: Bool, counts: BatchCounts, progress: Int,
        pace: BatchPace?, breaker: BatchBreaker?, pilot: BatchPilot?
    ) {
        self.id = id
        self.name = name
        self.userID = userID
        self.createdAt = createdAt
        self.isCancelled = isCancelled
        self.counts = counts
        self.progress = progress
        self.pace = pace
        self.breaker = breaker
        self.pilot = pilot
    }

    /// The pause that covers all of it, the oldest if there are several.
    package var pause: Hold? {
        holds.filter { if case .pilot = $0.scope { false } else { true } }.min { $0.since < $1.since }
    }

    package var state: BatchState { BatchState(counts, isPaused: pause != nil, isCancelled: isCancelled) }

    /// Nil while a pause or a pilot keeps it: it does not go on by itself as it did.
    package var estimate: BatchEstimate? {
        BatchEstimate(missing: counts.open, pace: pace, isPaused: !holds.isEmpty)
    }
}
