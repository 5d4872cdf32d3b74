import JSON

/// Judges a solution by what it shows: faults it has lower their criterion, and what cannot be seen lowers certainty.
///
/// First versions besides meet small objections that are drawn: 5 % are asked for a revision, 3 % are rejected.
struct SolutionReviewAnswer {
    let brief: Brief

    static let rejectionRate = 0.03
    static let objectionRate = 0.05
    static let hashedRevisionRate = 0.15

    func compose() -> [UInt8] {
        let inspection = SolutionInspection(brief: brief)
        var json = JSONWriter(reservingCapacity: 4096)
        json.beginObject()
        json.requirementChecks(inspection.requirementChecks)
        json.key("request_checks")
        json.beginArray()
        for check in inspection.requestChecks {
            json.beginObject()
            json.field("id", check.id)
            json.field("met", check.met)
            json.endObject()
        }
        json.endArray()
        json.field("strengths", strengths(inspection))
        json.weaknesses(inspection.weaknesses)
        json.key("scores")
        json.beginObject()
        json.key("completeness")
        json.write(hundredths: inspection.scores.completeness)
        json.key("accuracy")
        json.write(hundredths: inspection.scores.accuracy)
        json.key("relevance")
        json.write(hundredths: inspection.scores.relevance)
        json.key("quality")
        json.write(hundredths: inspection.scores.quality)
        json.endObject()
        json.key("certainty")
        json.write(hundredths: inspection.certainty)
        json.requests(inspection.requests)
        json.field("feedback", feedback(inspection))
        json.endObject()
        return json.bytes
    }

    private func strengths(_ inspection: SolutionInspection) -> [String] {
        guard let solution = inspection.solution else { return [] }
        var strengths = ["Stays on \(inspection.title) and names its approach in the opening."]
        for finding in solution.findings.prefix(3) {
            strengths.append("A finding stands by itself, with its figure: \"\(Mark.quoted(finding, 180))\"")
        }
        for check in inspection.requirementChecks.filter({ $0.met == "yes" }).prefix(5) {
            strengths.append(
                "\(check.id) has a heading of its own, with a figure, a period and the basis they rest on, so that its "
                    + "check can be carried out by a reader.")
        }
        let used = brief.all("dependency").compactMap { $0["subtask"] }
        if !used.isEmpty, inspection.scores.accuracy > 350 {
            strengths.append("Builds on \(used.joined(separator: ", ")) and quotes what they found, word for word.")
        }
        let assumptions = solution.assumptions.count
        if assumptions > 0 { strengths.append("States \(assumptions) assumptions openly.") }
        return strengths
    }

    private func feedback(_ inspection: SolutionInspection) -> String {
        let total = inspection.scores.weighted
        var sentences = inspection.unseen
        let name = inspection.title
        sentences.append(
            total >= 700
                ? "The solution answers \(name) and can be built upon."
                : total >= 500
                    ? "The solution to \(name) is sound in outline; the points below must be completed first."
                    : "The solution does not answer \(name) and should be worked out anew."
        )
        sentences += inspection.weaknesses.prefix(4).map { "\($0.place): \($0.text)" }
        if let task = brief.task?.text(of: "title"), !task.isEmpty {
            sentences.append(
                "For \(Mark.quoted(task, 100)) the figures matter most: keep them together with the period they hold for "
                    + "and with their basis, and state the one assumption on which the conclusion would turn.")
        }
        let place = inspection.requirementChecks.filter { $0.met == "yes" }.map(\.id).joined(separator: ", ")
        if !place.isEmpty {
            sentences.append(
                "What is said on \(place) can stay as it is; a later version must not lose it while other points "
                    + "change.")
        }
        return sentences.joined(separator: " ")
    }
}
