package import JSON

/// What a review's answer means for its solution: the reviewer's evidence and scores, corrected where they disagree.
///
/// Gates come before the threshold, so that a good average cannot hide a fault that decides: a required statement that
/// is not met caps completeness, a critical weakness caps accuracy, and with either the solution is not accepted.
package struct ReviewJudgement: Sendable, Equatable {
    /// Completeness when a `must` of the subtask is not met.
    package static let cappedCompleteness = 6.0
    /// Accuracy with a critical weakness.
    package static let cappedAccuracy = 4.9

    /// As the reviewer gave them.
    package var raw: ReviewScore
    /// After the gates.
    package var score: ReviewScore
    /// Which gates changed something: `unmet_must`, `critical_weakness`.
    package var adjustedBy: [String]
    /// Ids of the required statements that are not met.
    package var unmet: [String]
    /// What follows.
    package var verdict: ReviewVerdict

    /// Nil if the answer's scores are no numbers from 0 to 10.
    ///
    /// - Parameter requirements: those that the subtask serves; checks of others decide nothing.
    package init?(_ answer: JSONValue, requirements: [Requirement]) {
        guard let raw = Self.scores(in: answer) else { return nil }
        let musts = Set(requirements.musts.map(\.id))
        let checks = RequirementCheck.list(in: answer)
        unmet = checks.filter { $0.isUnmet && musts.contains($0.id) }.map(\.id)
        var score = raw
        adjustedBy = []
        if !unmet.isEmpty {
            score.completeness = min(score.completeness, Self.cappedCompleteness)
            adjustedBy.append("unmet_must")
        }
        if Weakness.list(in: answer).contains(where: \.isCritical) {
            score.accuracy = min(score.accuracy, Self.cappedAccuracy)
            adjustedBy.append("critical_weakness")
        }
        self.raw = raw
        self.score = score
        verdict = score.verdict == .accepted && !adjustedBy.isEmpty ? .needsRevision : score.verdict
    }

    private static func scores(in answer: JSONValue) -> ReviewScore? {
        guard let scores = answer["scores"], let completeness = scores["completeness"]?.double,
            let accuracy = scores["accuracy"]?.double, let relevance = scores["relevance"]?.double,
            let quality = scores["quality"]?.double
        else { return nil }
        return ReviewScore(
            completeness: completeness, accuracy: accuracy, relevance: relevance, quality: quality)
    }
}

/// What a reviewer found about one requirement.
package struct RequirementCheck: Sendable, Equatable {
    /// Of the requirement.
    package var id: String
    /// `yes`, `partly`, `no` or `not_applicable`.
    package var met: String
    /// Where, or what is lacking.
    package var place: String

    /// Not met at all.
    package var isUnmet: Bool { met == "no" }

    /// The checks of a review or a final review.
    package static func list(in answer: JSONValue) -> [RequirementCheck] {
        (answer["requirement_checks"]?.array ?? []).compactMap { entry in
            guard let id = entry["id"]?.string, let met = entry["met"]?.string else { return nil }
            return RequirementCheck(id: id, met: met, place: entry["place"]?.string ?? "")
        }
    }
}

/// A fault that a reviewer found.
package struct Weakness: Sendable, Equatable {
    /// Where in the text.
    package var place: String
    /// What is wrong.
    package var text: String
    /// `minor`, `major` or `critical`.
    package var severity: String

    /// It misleads, or misses the purpose.
    package var isCritical: Bool { severity == "critical" }
    /// It stays in the way of whoever builds on the text.
    package var isOpen: Bool { severity != "minor" }

    /// The weaknesses of a review or a final review.
    package static func list(in answer: JSONValue) -> [Weakness] {
        (answer["weaknesses"]?.array ?? []).compactMap { entry in
            guard let text = entry["text"]?.string else { return nil }
            return Weakness(
                place: entry["place"]?.string ?? "", text: text, severity: entry["severity"]?.string ?? "minor")
        }
    }
}
