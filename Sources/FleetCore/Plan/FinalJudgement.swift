package import JSON

/// What a final review's answer means for the task's answer; overruled towards safety.
///
/// An approval counts only if every required statement is met or its absence is stated, and no weakness is critical.
package struct FinalJudgement: Sendable, Equatable {
    /// The answer may go to its owner.
    package var isApproved: Bool
    /// The reviewer approved, and the checks forbid it.
    package var isOverruled: Bool
    /// Required statements that are not met, and that the answer does not admit.
    package var unstated: [Requirement]
    /// Required statements that are not met, and that the answer admits.
    package var stated: [Requirement]
    /// What the reviewer wants changed.
    package var requests: [String]

    /// - Parameter requirements: all of the task.
    package init(_ answer: JSONValue, requirements: [Requirement]) {
        let unmetIDs = Set(RequirementCheck.list(in: answer).filter(\.isUnmet).map(\.id))
        let unmet = requirements.musts.filter { unmetIDs.contains($0.id) }
        let admitted = Self.admitted(in: answer)
        stated = unmet.filter { admitted.contains($0.id) }
        unstated = unmet.filter { !admitted.contains($0.id) }
        let isApprovedByReviewer = answer["approved"]?.bool ?? false
        isApproved =
            isApprovedByReviewer && unstated.isEmpty && !Weakness.list(in: answer).contains(where: \.isCritical)
        isOverruled = isApprovedByReviewer && !isApproved
        requests = RevisionRequests(answer).texts
    }

    /// What the answer says of itself that it lacks, as the review found it.
    static func admitted(in answer: JSONValue) -> Set<String> {
        Set(
            (answer["limitation_checks"]?.array ?? []).filter { $0["stated"]?.bool == true }
                .compactMap { $0["part"]?.string })
    }
}

/// What a review asks to be changed, and what it found wrong and asked nothing for: a gate that sends work back says why.
package struct RevisionRequests: Sendable, Equatable {
    /// The review's words to the author.
    package var feedback: String
    /// In the review's order; faults that were found without a request stand after them.
    package var texts: [String]

    /// Reads a review or a final review.
    package init(_ answer: JSONValue) {
        feedback = answer["feedback"]?.string ?? ""
        let asked = (answer["revision_requests"]?.array ?? []).compactMap { $0["text"]?.string }
        let admitted = FinalJudgement.admitted(in: answer)
        let unmet = RequirementCheck.list(in: answer).filter { check in
            check.isUnmet && !admitted.contains(check.id) && !asked.contains { $0.contains(check.id) }
        }
        texts =
            asked
            + unmet.map { check in
                "Meet \(check.id), or state plainly that it is not met\(check.place.isEmpty ? "" : ": \(check.place)")"
            }
            + Weakness.list(in: answer).filter(\.isCritical).map { weakness in
                "Correct \(weakness.place.isEmpty ? "" : "\(weakness.place): ")\(weakness.text)"
            }
    }
}
