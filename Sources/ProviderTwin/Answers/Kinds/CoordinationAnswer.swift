import JSON

/// Brings the accepted solutions into one structure, copies their ids, and names what is missing.
struct CoordinationAnswer {
    private let brief: Brief
    private let solutions: [ShownSolution]
    private let requirements: [GivenRequirement]

    private static let mostFindings = 12

    init(brief: Brief) {
        self.brief = brief
        solutions = brief.all("solution").prefix(Self.mostFindings).map(ShownSolution.init)
        requirements = GivenRequirement.listed(in: brief.analysis)
    }

    func compose() -> [UInt8] {
        var json = JSONWriter(reservingCapacity: 12_288)
        json.beginObject()
        json.key("structured_findings")
        json.beginArray()
        for (index, solution) in solutions.enumerated() { finding(index, solution, &json) }
        if solutions.isEmpty { placeholder(&json) }
        json.endArray()
        crossReferences(&json)
        json.key("identified_gaps")
        json.beginArray()
        for gap in gaps {
            json.beginObject()
            json.optional("requirement", gap.requirement)
            json.field("text", gap.text)
            json.endObject()
        }
        json.endArray()
        inconsistencies(&json)
        json.endObject()
        return json.bytes
    }

    private func finding(_ index: Int, _ solution: ShownSolution, _ json: inout JSONWriter) {
        json.beginObject()
        json.field("id", "F\(index + 1)")
        json.field("topic", topic(solution))
        json.field("key_points", points(solution))
        json.field("sources", [solution.specialist.isEmpty ? "specialist" : solution.specialist])
        json.field("requirements", Self.answered(solution))
        json.key("confidence")
        json.write(hundredths: confidence(solution))
        json.field("supporting_data", support(solution) + (index == 0 ? remarks : ""))
        json.endObject()
    }

    private func topic(_ solution: ShownSolution) -> String {
        if !solution.title.isEmpty { return Mark.quoted(solution.title, 120) }
        return "Findings of \(solution.key.isEmpty ? "a subtask" : solution.key)"
    }

    private func points(_ solution: ShownSolution) -> [String] {
        let origin = "(\(solution.key))"
        var points = solution.findings.prefix(5).map { finding in
            Passage(finding).contains(origin) ? Mark.quoted(finding, 220) : "\(Mark.quoted(finding, 220)) \(origin)"
        }
        if let revision = brief.quotedRevision, solution.passage.contains(Mark.of(revision)) {
            points.append("\(Mark.asAsked) \(Mark.quoted(revision, 120)) (\(solution.key))")
        }
        for assumption in solution.assumptions.prefix(2) {
            points.append("It assumes: \(Mark.quoted(assumption, 120)) (\(solution.key))")
        }
        return points.isEmpty ? ["\(topic(solution)) is answered (\(solution.key))."] : points
    }

    private static func answered(_ solution: ShownSolution) -> [String] {
        solution.covers.filter(\.isComplete).map(\.id)
    }

    /// The review's score as a probability; without one the finding is not trusted much.
    private func confidence(_ solution: ShownSolution) -> Int {
        max(10, min(95, (solution.score ?? 550) / 10) - (solution.isPartial ? 15 : 0))
    }

    private func support(_ solution: ShownSolution) -> String {
        var text = "Subtask \(solution.key), version \(solution.version), by \(solution.specialist)"
        if let score = solution.score { text += ", reviewed with \(score / 100).\(score / 10 % 10) of 10" }
        text += "."
        if let earlier = kept(solution) { text += " Kept from the previous aggregation as \(earlier)." }
        for weakness in solution.weaknesses.prefix(3) { text += " Open weakness, \(Mark.quoted(weakness, 160))." }
        if brief.isToBeShort { return text }
        let sentences = Wording.sentences(solution.content, limit: 40)
        for sentence in sentences.filter({ $0.utf8.contains(UInt8(ascii: "%")) }).prefix(7) {
            text += "\n- \(Mark.quoted(sentence, 220))"
        }
        let sources = solution.sources.prefix(3).map { Mark.quoted($0, 60) }
        return text + (sources.isEmpty ? "" : "\nSources: \(sources.joined(separator: "; ")).")
    }

    /// What holds for the aggregation as a whole stands beside its first finding.
    private var remarks: String {
        var text = ""
        if brief.first("previous_aggregation") != nil {
            text += "\nOf \(previous.count) earlier findings \(solutions.compactMap(kept).count) are kept."
        }
        if let revision = brief.quotedRevision { text += "\nThe user has asked since: \(revision)" }
        return text
    }

    /// The id that a finding of the same topic had in the previous aggregation.
    private func kept(_ solution: ShownSolution) -> String? {
        let topic = topic(solution)
        return previous.first { $0["topic"]?.string == topic }?["id"]?.string
    }

    private var previous: [JSONValue] {
        brief.first("previous_aggregation")?.json?["structured_findings"]?.array ?? []
    }

    private func placeholder(_ json: inout JSONWriter) {
        json.beginObject()
        json.field("id", "F1")
        json.field("topic", brief.taskTitle)
        json.field("key_points", ["No solution was handed in."])
        json.field("sources", [])
        json.field("requirements", [])
        json.key("confidence")
        json.write(0)
        json.field("supporting_data", "")
        json.endObject()
    }

    private func crossReferences(_ json: inout JSONWriter) {
        json.key("cross_references")
        json.beginArray()
        for index in solutions.indices.dropFirst() {
            let earlier = solutions[..<index].lastIndex { solutions[index].sources.joined().contains($0.key) }
            json.beginObject()
            json.field("finding_a", "F\((earlier ?? index - 1) + 1)")
            json.field("finding_b", "F\(index + 1)")
            json.field("relationship", earlier == nil ? "complements" : "supports")
            json.endObject()
        }
        json.endArray()
    }

    private var gaps: [(requirement: String?, text: String)] {
        var gaps: [(requirement: String?, text: String)] = []
        if brief.task == nil { gaps.append((nil, "The task was not shown: what the findings are for is unknown.")) }
        if brief.analysis == nil { gaps.append((nil, "Cannot see the requirements: coverage is not checked.")) }
        if solutions.isEmpty { gaps.append((nil, "No solutions were shown.")) }
        for gap in brief.gaps { gaps.append((nil, gap.sentence)) }
        if brief.mode == .hash { return gaps }
        let answered = Set(solutions.flatMap(Self.answered))
        for requirement in requirements where !answered.contains(requirement.id) && !solutions.isEmpty {
            let text = Mark.quoted(requirement.text, 160)
            gaps.append((requirement.id, "No solution answers \(requirement.id): \(text)"))
        }
        if let revision = brief.quotedRevision, !solutions.contains(where: \.isCut),
            !solutions.contains(where: { $0.passage.contains(Mark.of(revision)) }), !solutions.isEmpty
        {
            gaps.append((nil, "No solution takes up the user's revision: \(revision)"))
        }
        return gaps
    }

    /// Solutions that say that another one is wrong.
    private func inconsistencies(_ json: inout JSONWriter) {
        json.key("inconsistencies")
        json.beginArray()
        for (index, solution) in solutions.enumerated() {
            let passage = solution.passage
            for (other, opponent) in solutions.enumerated()
            where other != index && !opponent.key.isEmpty && passage.contains(Mark.contradicts(opponent.key)) {
                json.beginObject()
                json.field("findings", ["F\(index + 1)", "F\(other + 1)"])
                json.field("text", "\(solution.key) contradicts \(opponent.key); it turns on their assumptions.")
                json.endObject()
            }
        }
        json.endArray()
    }
}
