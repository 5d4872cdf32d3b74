import JSON

/// Writes the final answer from what it sees: a section for each finding, an answer to each requirement, and a stated
/// limitation for everything that is missing.
struct SynthesisAnswer {
    private let brief: Brief
    private let draft: SynthesisDraft

    init(brief: Brief) {
        self.brief = brief
        draft = SynthesisDraft(brief: brief)
    }

    func compose() -> [UInt8] {
        let topics = draft.topics
        var json = JSONWriter(reservingCapacity: 16_384)
        json.beginObject()
        json.field("executive_summary", summary)
        json.key("sections")
        json.beginArray()
        for section in draft.sections {
            json.beginObject()
            json.field("title", section.title)
            json.field("content", section.content)
            json.endObject()
        }
        json.endArray()
        json.field("key_insights", topics.prefix(6).map { "\($0.title): \(Mark.quoted($0.points.first ?? "", 200))" })
        json.field("recommendations", recommendations)
        evidence(&json)
        json.key("requirement_answers")
        json.beginArray()
        for answer in draft.answers {
            json.beginObject()
            json.field("id", answer.requirement.id)
            json.field("section", answer.section)
            json.field("status", answer.status.rawValue)
            json.endObject()
        }
        json.endArray()
        json.field("limitations", draft.limitations)
        json.field("sources", draft.sources)
        json.key("overall_confidence")
        let mean = topics.map(\.confidence).reduce(0, +) / max(1, topics.count)
        json.write(hundredths: max(5, mean - 5 * min(6, draft.limitations.count)))
        json.endObject()
        return json.bytes
    }

    private var summary: String {
        let topics = draft.topics
        var text = "\(brief.taskTitle): \(topics.count) lines of work were brought together. "
        if let first = topics.first {
            text +=
                "The leading one is \(first.title). Its main result: \(Mark.quoted(first.points.first ?? "", 200))\n\n"
        }
        for topic in topics.dropFirst().prefix(3) {
            text += "\(topic.title) adds: \(Mark.quoted(topic.points.first ?? "", 160)) "
        }
        let open = draft.answers.filter { $0.status != .answered }.map(\.requirement.id).joined(separator: ", ")
        text += "\n\n"
        text +=
            draft.limitations.isEmpty
            ? "All parts are answered." : "Some parts are missing or weak; the limitations name them."
        if !open.isEmpty { text += " Not answered in full: \(open)." }
        if let earlier = draft.earlier {
            text += " This is version \(earlier.version + 1); what version \(earlier.version) said right is kept."
        }
        if let revision = brief.quotedRevision { text += " \(Mark.asAsked) \(revision)" }
        return text
    }

    /// Action, time, actor and the section that gives the reason.
    private var recommendations: [String] {
        draft.topics.prefix(4).enumerated().map { index, topic in
            let action = "Act on \(Mark.quoted(topic.title, 100)) within \(3 + 2 * index) months, led by "
            let actor = topic.sources.first.map { Wording.title($0).lowercased() } ?? "the owner of the task"
            return action + actor + ", as the section \"\(Mark.quoted(topic.title, 60))\" shows."
        }
    }

    private func evidence(_ json: inout JSONWriter) {
        json.key("supporting_evidence")
        json.beginArray()
        for solution in draft.solutions.prefix(8) {
            json.beginObject()
            json.field("content", "\(Mark.quoted(solution.markerFinding, 220)) (\(solution.key))")
            json.field("source_specialists", [solution.specialist].filter { !$0.isEmpty })
            json.key("confidence")
            json.write(hundredths: draft.topics.first { $0.keys.contains(solution.key) }?.confidence ?? 60)
            json.endObject()
        }
        json.endArray()
    }
}
