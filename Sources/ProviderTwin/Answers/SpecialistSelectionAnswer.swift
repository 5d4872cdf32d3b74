/// Picks 2 to 5 of the offered specialists: those whose words meet the task's words, then by draw.
struct SpecialistSelectionAnswer {
    let brief: Brief

    /// Words that say what somebody is and not what the work is about.
    private static let roleWords: Set<String> = [
        "advisor", "analyst", "capabilities", "consultant", "developer", "engineer", "expert", "general", "generalist",
        "knows", "researcher", "specialist", "works", "writer",
    ]

    private struct Candidate {
        var type: String
        var words: [String]
        var overlap: [String]
        var draw: UInt64
    }

    func compose() -> [UInt8] {
        var json = JSONWriter(capacity: 1024)
        json.beginObject()
        json.key("specialists")
        json.beginArray()
        for (index, candidate) in chosen().enumerated() {
            json.beginObject()
            json.field("type", candidate.type)
            let focus = candidate.overlap.isEmpty ? Array(candidate.words.prefix(2)) : candidate.overlap
            let name = Wording.title(candidate.type)
            json.field(
                "rationale",
                candidate.overlap.isEmpty
                    ? "\(name) rounds off the team for \(brief.taskTitle)."
                    : "\(name) covers \(candidate.overlap.joined(separator: ", ")) in \(brief.taskTitle)."
            )
            json.field("priority", index == 0 ? "high" : index < 3 ? "medium" : "low")
            json.field("focus_areas", focus.isEmpty ? ["open questions"] : focus)
            json.endObject()
        }
        json.endArray()
        json.endObject()
        return json.bytes
    }

    private func chosen() -> [Candidate] {
        var wanted = brief.taskTitle + " " + brief.taskDescription
        let analysis = brief.first("analysis")?.json
        wanted += " " + (analysis?["keywords"]?.strings ?? []).joined(separator: " ")
        wanted += " " + (analysis?["required_capabilities"]?.strings ?? []).joined(separator: " ")
        let stems = Set(Wording.keywords(wanted, limit: 80).map(Wording.stem))
        var seen: Set<String> = []
        var candidates = brief.specialists(in: "available_specialists").compactMap { element -> Candidate? in
            guard let type = element["type"], seen.insert(type).inserted else { return nil }
            let words = Wording.keywords(type + " " + element.text, limit: 40).filter { !Self.roleWords.contains($0) }
            let overlap = words.filter { stems.contains(Wording.stem($0)) }
            let draw = StableHash.of(brief.seed, brief.taskID, brief.taskTitle, type)
            return Candidate(type: type, words: words, overlap: Array(overlap.prefix(4)), draw: draw)
        }
        if candidates.isEmpty {
            candidates = [Candidate(type: "generalist", words: ["general"], overlap: [], draw: 0)]
        }
        candidates.sort { ($1.overlap.count, $0.draw) < ($0.overlap.count, $1.draw) }
        let count = 2 + Int(brief.verdict("selection", brief.taskID, brief.taskTitle) * 4)
        return Array(candidates.prefix(count))
    }
}
