import JSON

/// Approves the final answer if every must is answered in it or admitted, everything missing is stated, and earlier
/// requests and the user's revision are met; otherwise says what has to change.
struct FinalReviewAnswer {
    let brief: Brief

    static let hashedRefusalRate = 0.03

    func compose() -> [UInt8] {
        let inspection = FinalInspection(brief: brief)
        var json = JSONWriter(reservingCapacity: 4096)
        json.beginObject()
        json.requirementChecks(inspection.requirementChecks)
        json.key("limitation_checks")
        json.beginArray()
        for check in inspection.limitationChecks {
            json.beginObject()
            json.field("part", check.part)
            json.key("stated")
            json.write(check.isStated)
            json.endObject()
        }
        json.endArray()
        json.field("strengths", inspection.strengths)
        json.weaknesses(inspection.weaknesses)
        json.key("approved")
        json.write(inspection.requests.isEmpty)
        json.field("feedback", feedback(inspection))
        json.requests(inspection.requests)
        json.endObject()
        return json.bytes
    }

    private func feedback(_ inspection: FinalInspection) -> String {
        var sentences = inspection.unseen
        sentences.append(
            inspection.requests.isEmpty
                ? "The answer to \(brief.taskTitle) can be delivered."
                : "The answer to \(brief.taskTitle) needs one more pass."
        )
        sentences += inspection.weaknesses.filter { $0.severity != .minor }.prefix(4).map { "\($0.place): \($0.text)" }
        let met = inspection.requirementChecks.count { $0.met == "yes" }
        sentences.append("Of \(inspection.requirementChecks.count) requirements \(met) are met in full.")
        let stated = inspection.limitationChecks.filter(\.isStated).count
        if !inspection.limitationChecks.isEmpty {
            sentences.append("Of \(inspection.limitationChecks.count) parts to admit \(stated) are stated.")
        }
        return sentences.joined(separator: " ")
    }
}
