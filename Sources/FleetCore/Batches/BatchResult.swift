/// What has become of a task of a batch.
package struct BatchResult: Sendable {
    /// Its place among the results of the batch.
    package var number: Int
    package var customID: String?
    package var taskID: String
    package var status: TaskStatus
    /// When it ended, microseconds since 1970-01-01 UTC.
    package var completedAt: Int?
    package var limitations: [String]
    package var failure: String?
    /// Expected: proved, and the estimates of what is not.
    package var cost: Decimal6
    package var answer: TaskAnswer?

    package init(
        number: Int, customID: String?, taskID: String, status: TaskStatus, completedAt: Int?, limitations: [String],
        failure: String?, cost: Decimal6, answer: TaskAnswer?
    ) {
        self.number = number
        self.customID = customID
        self.taskID = taskID
        self.status = status
        self.completedAt = completedAt
        self.limitations = limitations
        self.failure = failure
        self.cost = cost
        self.answer = answer
    }
}

/// A place among the results of a batch, as it is told to others.
package struct BatchCursor: Sendable, Equatable, CustomStringConvertible {
    package var batchID: String
    package var number: Int

    package init(batchID: String, number: Int) {
        self.batchID = batchID
        self.number = number
    }

    /// Nil if it is none.
    package init?(_ text: some StringProtocol) {
        guard let dot = text.lastIndex(of: "."), let number = Int(text[text.index(after: dot)...]), number >= 0,
            dot > text.startIndex
        else { return nil }
        self.init(batchID: String(text[..<dot]), number: number)
    }

    package var description: String { "\(batchID).\(number)" }
}
