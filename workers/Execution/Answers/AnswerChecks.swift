import FleetCore
import JSON

/// What a schema cannot say of an answer: ranges, blanks, and whether it speaks of what its prompt showed.
///
/// A fault here is a fault of the answer: it is sent back once, then another model is asked.
struct AnswerChecks {
    let answer: JSONValue
    let step: ClaimedStep

    private var kind: StepKind { step.kind }

    /// Read from the analysis where an answer is held against them: of the kinds that are, each asks once.
    private var requirements: StepRequirements { StepRequirements(step) }

    /// For the model: a pointer, the value's problem, what is allowed. Empty if there is none.
    var problems: [String] {
        blanks
            + Self.ranges(in: answer, at: "")
            + (kind == .taskAnalysis ? analysis : [])
            + (kind == .subtaskExecution ? execution : [])
            + (kind == .solutionReview ? unchecked(requirements.served) : [])
            + (kind == .synthesis ? synthesis : [])
            + (kind == .finalReview ? finalReview : [])
            + (kind == .revisionScoping ? blankTexts("new_requirements") : [])
    }

    /// An empty answer is not an answer.
    private var blanks: [String] {
        let fields =
            switch kind {
            case .taskAnalysis: ["summary"]
            case .subtaskExecution: ["content"]
            case .solutionReview: ["feedback"]
            case .synthesis: ["executive_summary"]
            case .specialistSelection, .taskDecomposition, .coordination, .finalReview, .revisionScoping: [String]()
            }
        return fields.filter { answer[$0]?.string?.allSatisfy(\.isWhitespace) ?? false }
            .map { "/\($0): is blank, expected text" }
    }

    // MARK: - Ranges

    private static let unitInterval: Set<String> = ["confidence", "overall_confidence", "certainty"]
    private static let score: Set<String> = ["completeness", "accuracy", "relevance", "quality"]

    /// Scores are 0 to 10 and probabilities 0 to 1, wherever they stand.
    private static func ranges(in value: JSONValue, at path: String) -> [String] {
        switch value {
        case .object(let object):
            return object.members.flatMap { member -> [String] in
                let place = "\(path)/\(member.key)"
                if unitInterval.contains(member.key) { return range(member.value, 0...1, at: place) }
                if score.contains(member.key) { return range(member.value, 0...10, at: place) }
                return ranges(in: member.value, at: place)
            }
        case .array(let elements):
            return elements.enumerated().flatMap { ranges(in: $1, at: "\(path)/\($0)") }
        default: return []
        }
    }

    private static func range(_ value: JSONValue, _ allowed: ClosedRange<Double>, at place: String) -> [String] {
        guard case .number(let number) = value else { return [] }
        guard let double = number.double, double.isFinite, allowed.contains(double) else {
            let bounds = "\(Int(allowed.lowerBound)) to \(Int(allowed.upperBound))"
            return ["\(place): is \(number.text.cut(to: 20)), expected a number from \(bounds)"]
        }
        return []
    }

    // MARK: - Requirements

    private static let mostRequirements = 20

    private var analysis: [String] {
        let entries = answer["requirements"]?.array ?? []
        guard 1...Self.mostRequirements ~= entries.count else {
            return ["/requirements: has \(entries.count) entries, expected 1 to \(Self.mostRequirements)"]
        }
        return entries.enumerated().compactMap { index, entry in
            entry["id"]?.string == "R\(index + 1)"
                ? nil : "/requirements/\(index)/id: expected R\(index + 1): R1, R2, ... in order"
        } + blankTexts("requirements")
    }

    private func blankTexts(_ field: String) -> [String] {
        (answer[field]?.array ?? []).enumerated().compactMap { index, entry in
            entry["text"]?.string?.allSatisfy(\.isWhitespace) ?? false
                ? "/\(field)/\(index)/text: is blank, expected text" : nil
        }
    }

    private var execution: [String] {
        let known = requirements.served.map(\.id)
        let strange = (answer["covers"]?.array ?? []).compactMap { $0["requirement"]?.string }.filter {
            !known.contains($0)
        }
        return (answer.strings("key_findings").isEmpty ? ["/key_findings: is empty, expected three to seven"] : [])
            + strange.map { "/covers: '\($0.cut(to: 20))' is none of \(known.joined(separator: ", "))" }
    }

    /// Requirements that a review has to have looked at, and has not.
    private func unchecked(_ expected: [Requirement]) -> [String] {
        let checked = Set(RequirementCheck.list(in: answer).map(\.id))
        return expected.filter { !checked.contains($0.id) }.map {
            "/requirement_checks: an entry for \($0.id) is missing"
        }
    }

    private var synthesis: [String] {
        let answers = answer["requirement_answers"]?.array ?? []
        let named = Set(answers.compactMap { $0["id"]?.string })
        let silent = requirements.all.musts.filter { !named.contains($0.id) }
        let isOpen = answers.contains { $0["status"]?.string != "answered" }
        return silent.map { "/requirement_answers: an entry for \($0.id) is missing" }
            + (isOpen && answer.strings("limitations").isEmpty
                ? ["/limitations: is empty, although a requirement is answered in part or not at all"] : [])
    }

    private var finalReview: [String] {
        let isSentBack = answer["approved"]?.bool == false
        return unchecked(requirements.all.musts)
            + (isSentBack && (answer["revision_requests"]?.array ?? []).isEmpty
                ? ["/revision_requests: is empty, although the answer is not approved"] : [])
    }
}
