/// Approves the final answer; about 3 % of first versions are sent back, later versions never.
struct FinalReviewAnswer {
    let brief: Brief

    func compose() -> [UInt8] {
        let answer = brief.all("answer").last
        let version = answer?["version"].flatMap { Int($0) } ?? 1
        let isApproved =
            version >= 2 || brief.verdict("final", brief.taskID, brief.taskTitle, answer?.text ?? "") >= 0.03
        var json = JSONWriter(capacity: 512)
        json.beginObject()
        json.field("strengths", ["Answers \(brief.taskTitle) as a whole.", "Names its sources."])
        json.field("weaknesses", isApproved ? [] : ["The recommendations do not follow from the sections."])
        json.key("approved")
        json.bool(isApproved)
        let verdict = isApproved ? "can be delivered" : "needs one more pass"
        json.field("feedback", "The answer to \(brief.taskTitle) \(verdict).")
        json.field("revision_requests", isApproved ? [] : ["Tie every recommendation to a section."])
        json.endObject()
        return json.bytes
    }
}
