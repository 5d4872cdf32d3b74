/// Judges a solution. First versions fail at fixed rates drawn from seed, subtask and solution: about 15 % need
/// revision (weighted score 5.0 to 6.9), about 3 % are rejected (below 5.0). Later versions always pass.
struct SolutionReviewAnswer {
    let brief: Brief

    private enum Verdict: String {
        case accept = "ACCEPT"
        case revise = "NEEDS_REVISION"
        case reject = "REJECT"
    }

    func compose() -> [UInt8] {
        let solution = brief.all("solution").last
        let subtask = brief.first("subtask")
        let key = subtask?["key"] ?? solution?["subtask"] ?? ""
        let title = Wording.clipped(subtask?.text(of: "title") ?? "the subtask", 120)
        let content = solution?.text ?? ""
        let verdict = verdict(key, title, content, version: solution?["version"].flatMap { Int($0) } ?? 1)
        let name = title.isEmpty ? "the subtask" : title
        let subject = Wording.keywords(title, limit: 4).last ?? "the main point"
        var json = JSONWriter(capacity: 1024)
        json.beginObject()
        json.field("strengths", ["Stays on \(name).", "States its assumptions and its confidence."])
        json.field("weaknesses", weaknesses(verdict, subject))
        scores(target(verdict, key, title, content), &json)
        json.field("recommendation", verdict.rawValue)
        json.field("feedback", feedback(verdict, name))
        json.field("revision_requests", requests(verdict, subject, brief))
        json.endObject()
        return json.bytes
    }

    private func verdict(_ key: String, _ title: String, _ content: String, version: Int) -> Verdict {
        guard version < 2 else { return .accept }
        let draw = brief.verdict("review", key, title, content)
        return draw < 0.03 ? .reject : draw < 0.18 ? .revise : .accept
    }

    /// The weighted score in hundredths, in steps of a tenth.
    private func target(_ verdict: Verdict, _ key: String, _ title: String, _ content: String) -> Int {
        let draw = brief.verdict("score", key, title, content)
        return switch verdict {
        case .accept: 740 + Int(draw * 20) * 10
        case .revise: 530 + Int(draw * 15) * 10
        case .reject: 320 + Int(draw * 15) * 10
        }
    }

    /// With weights 0.30, 0.30, 0.20, 0.20 the offsets cancel out and the weighted score is exactly the target.
    private func scores(_ target: Int, _ json: inout JSONWriter) {
        json.key("scores")
        json.beginObject()
        let offsets: [(StaticString, Int)] = [
            ("completeness", 20), ("accuracy", -20), ("relevance", 30), ("quality", -30),
        ]
        for (name, offset) in offsets {
            json.key(name)
            json.hundredths(target + offset)
        }
        json.endObject()
    }

    private func weaknesses(_ verdict: Verdict, _ subject: String) -> [String] {
        switch verdict {
        case .accept: ["The figures could be narrowed down further."]
        case .revise: ["The part on \(subject) gives a conclusion without its basis.", "One alternative is missing."]
        case .reject: ["The central question about \(subject) is not answered.", "The statements have no basis."]
        }
    }

    private func feedback(_ verdict: Verdict, _ name: String) -> String {
        switch verdict {
        case .accept: "The solution answers \(name) and can be used."
        case .revise: "The solution to \(name) is sound in outline; two points must be completed."
        case .reject: "The solution does not answer \(name) and should be worked out anew."
        }
    }

    private func requests(_ verdict: Verdict, _ subject: String, _ brief: Brief) -> [String] {
        switch verdict {
        case .accept: []
        case .revise:
            [
                "State the basis of the conclusion on \(subject).",
                "Add the most likely alternative and why it was not chosen.",
            ]
        case .reject:
            [
                "Answer the question about \(subject) directly.",
                "Give at least two supporting facts for each statement.",
            ]
        }
    }
}
