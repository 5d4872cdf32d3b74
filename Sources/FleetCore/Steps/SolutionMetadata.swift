import JSON

/// What stands beside a solution's text: the rest of the structured answer, and what reviews made of it.
package struct SolutionMetadata: Sendable, Equatable {
    private var members = JSONObject()

    /// Nothing if the answer is no JSON object.
    package init(_ answer: StepOutcome.Answer) {
        guard case .object(var members)? = answer.value else { return }
        if members["content"]?.string == answer.content { members["content"] = nil }
        members["confidence"] = answer.confidence.map { .double($0) } ?? .null
        self.members = members
    }

    package var json: String { JSONValue.object(members).serialized() }

    /// A solution without a score keeps the one that it had.
    package mutating func judge(score: Double?, isPartial: Bool) {
        if let score { members["score"] = .double(score) }
        members["partial"] = .bool(isPartial)
    }
}
