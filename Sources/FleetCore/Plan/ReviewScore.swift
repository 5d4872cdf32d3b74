/// A review's four sub-scores, weighted here rather than by the reviewer.
package struct ReviewScore: Sendable, Equatable {
    /// 0 to 10: all requirements addressed, deliverable there.
    package var completeness: Double
    /// 0 to 10: correct, no contradictions.
    package var accuracy: Double
    /// 0 to 10: in scope, serves the task.
    package var relevance: Double
    /// 0 to 10: clear and usable.
    package var quality: Double

    /// Nil unless every sub-score is a number from 0 to 10.
    package init?(completeness: Double, accuracy: Double, relevance: Double, quality: Double) {
        let all = [completeness, accuracy, relevance, quality]
        guard all.allSatisfy({ $0.isFinite && (0...10).contains($0) }) else { return nil }
        self.completeness = completeness
        self.accuracy = accuracy
        self.relevance = relevance
        self.quality = quality
    }

    /// 0.30 completeness, 0.30 accuracy, 0.20 relevance, 0.20 quality (specification, "Solution Acceptance
    /// Criteria"), rounded to thousandths so that 7.0 means 7.0 and not 6.999999999.
    package var weighted: Double {
        let sum = 0.30 * completeness + 0.30 * accuracy + 0.20 * relevance + 0.20 * quality
        return (sum * 1000).rounded() / 1000
    }

    /// What the score means for the solution.
    package var verdict: ReviewVerdict {
        switch weighted {
        case 7.0...: .accepted
        case 5.0...: .needsRevision
        default: .rejected
        }
    }
}

/// The outcome of a review; raw values are those of `subtasks.acceptance_status`.
package enum ReviewVerdict: String, Sendable {
    case accepted
    case needsRevision = "needs_revision"
    case rejected

    /// The specification's name for it in a stored review. Derived from the scores; the reviewer is not asked.
    package var recommendation: String {
        switch self {
        case .accepted: "ACCEPT"
        case .needsRevision: "NEEDS_REVISION"
        case .rejected: "REJECT"
        }
    }
}
