import JSON

/// Picks 2 to 5 of the offered specialists: those whose words and capabilities meet the task, free ones first among
/// equals, and never one that was tried.
struct SpecialistSelectionAnswer {
    let brief: Brief

    private let required: [String]
    private let waiting: [String: Int]
    private let tried: [String]

    init(brief: Brief) {
        self.brief = brief
        required = (brief.analysis?.strings("required_capabilities") ?? []).map(Self.normalized)
        let counts = (brief.first("load")?.children("waiting") ?? []).map { ($0["type"] ?? "", Int($0.text) ?? 1) }
        waiting = Dictionary(counts, uniquingKeysWith: max)
        tried = brief.specialists(in: "tried").compactMap { $0["type"] }
    }

    /// Words that say what somebody is and not what the work is about.
    private static let roleWords: Set<String> = [
        "advisor", "analyst", "capabilities", "consultant", "developer", "engineer", "expert", "general", "generalist",
        "knows", "researcher", "specialist", "works", "writer",
    ]

    private struct Candidate {
        var type: String
        var capabilities: [String]
        var words: [String]
        var overlap: [String]
        var wished: [String]
        var score: Int
        var draw: UInt64
    }

    func compose() -> [UInt8] {
        let candidates = candidates()
        let chosen = chosen(from: candidates)
        var json = JSONWriter(reservingCapacity: 2048)
        json.beginObject()
        json.key("specialists")
        json.beginArray()
        for (index, candidate) in chosen.enumerated() {
            json.beginObject()
            json.field("type", candidate.type)
            json.field("rationale", rationale(candidate))
            json.field("adds", adds(candidate, among: chosen))
            json.field("priority", priority(candidate, at: index))
            json.field("focus_areas", focus(candidate))
            json.endObject()
        }
        json.endArray()
        json.key("gaps")
        json.beginArray()
        for gap in gaps(candidates) {
            json.beginObject()
            json.field("capability", gap.capability)
            json.field("reason", gap.reason)
            json.endObject()
        }
        json.endArray()
        json.endObject()
        return json.bytes
    }

    /// By rank, one step lower for a type whose steps wait already, and low for everybody if the need is unknown.
    private func priority(_ candidate: Candidate, at rank: Int) -> String {
        guard brief.task != nil, brief.analysis != nil else { return "low" }
        let step = (rank == 0 ? 0 : rank < 3 ? 1 : 2) + (waiting[candidate.type] == nil ? 0 : 1)
        return ["high", "medium", "low"][min(step, 2)]
    }

    private func candidates() -> [Candidate] {
        let analysis = brief.analysis
        var wanted = brief.taskTitle + " " + brief.taskDescription
        wanted += " " + (analysis?.strings("keywords") ?? []).joined(separator: " ")
        wanted += " " + (analysis?.strings("required_capabilities") ?? []).joined(separator: " ")
        let stems = Set(Wording.keywords(wanted, limit: 100).map(Wording.stem))
        let wishes = Set(Wording.keywords(brief.revision ?? "", limit: 40).map(Wording.stem))
        var seen = Set(tried)
        return brief.specialists(in: "available_specialists").compactMap { element in
            guard let type = element["type"], seen.insert(type).inserted else { return nil }
            let text = element.text
            let words = Wording.keywords(type + " " + text, limit: 40).filter { !Self.roleWords.contains($0) }
            let overlap = words.filter { stems.contains(Wording.stem($0)) }
            let wished = words.filter { wishes.contains(Wording.stem($0)) }
            let capabilities = Self.capabilities(in: text)
            let matches = required.count { capabilities.contains($0) }
            // Less than one word weighs: a busy type loses to its equals only.
            let burden = waiting[type].map { $0 > 10 ? 3 : 2 } ?? 0
            return Candidate(
                type: type, capabilities: capabilities, words: words, overlap: Array(overlap.prefix(4)),
                wished: Array(wished.prefix(2)), score: 8 * matches + 4 * overlap.count + 4 * wished.count - burden,
                draw: StableHash.of(brief.seed, brief.taskTitle, type)
            )
        }
    }

    private func chosen(from candidates: [Candidate]) -> [Candidate] {
        var dice = brief.dice(brief.taskTitle)
        let count = 2 + dice.pick(4)
        let ranked = candidates.sorted { ($1.score, $0.draw) < ($0.score, $1.draw) }
        if !ranked.isEmpty { return Array(ranked.prefix(count)) }
        return [
            Candidate(
                type: "generalist", capabilities: [], words: ["general"], overlap: [], wished: [], score: 0, draw: 0)
        ]
    }

    private func rationale(_ candidate: Candidate) -> String {
        let name = Wording.title(candidate.type)
        let matches = required.filter(candidate.capabilities.contains)
        var text =
            candidate.overlap.isEmpty
            ? "\(name) rounds off the team for \(brief.taskTitle)"
            : "\(name) covers \(candidate.overlap.joined(separator: ", ")) in \(brief.taskTitle)"
        if !matches.isEmpty { text += " and has \(matches.joined(separator: ", "))" }
        text += "."
        let served = GivenRequirement.listed(in: brief.analysis).filter { requirement in
            let stems = Set(Wording.keywords(requirement.text, limit: 30).map(Wording.stem))
            return candidate.words.contains { stems.contains(Wording.stem($0)) }
        }
        if !served.isEmpty { text += " It serves \(served.map(\.id).joined(separator: ", "))." }
        if brief.first("load") != nil {
            text += " \(waiting[candidate.type].map { "\($0) of its steps wait" } ?? "None of its steps waits")."
        }
        if !tried.isEmpty { text += " It takes the place of \(tried.joined(separator: ", ")), which was tried." }
        return text
    }

    private func adds(_ candidate: Candidate, among chosen: [Candidate]) -> String {
        let others = Set(chosen.filter { $0.type != candidate.type }.flatMap(\.capabilities))
        let own = candidate.capabilities.filter { !others.contains($0) }
        return own.isEmpty ? "" : "Only this one brings \(own.prefix(3).joined(separator: ", "))."
    }

    private func focus(_ candidate: Candidate) -> [String] {
        let known = candidate.overlap.isEmpty ? Array(candidate.words.prefix(2)) : Array(candidate.overlap.prefix(3))
        var focus = known.isEmpty ? ["open questions"] : known
        if let revision = brief.revision { focus.append("revision: \(Mark.quoted(revision, 60))") }
        return focus
    }

    private func gaps(_ candidates: [Candidate]) -> [(capability: String, reason: String)] {
        var gaps: [(capability: String, reason: String)] = []
        if candidates.isEmpty { gaps.append(("specialists", "No specialists were shown that have not been tried.")) }
        if brief.task == nil { gaps.append(("task_description", "The task was not shown.")) }
        if brief.analysis == nil {
            gaps.append(("task_analysis", "Cannot see the requirements: no analysis was shown."))
        }
        let known = Set(candidates.flatMap(\.capabilities))
        for capability in required where !known.contains(capability) {
            gaps.append((capability, "No listed type that is left has \(capability)."))
        }
        return gaps
    }

    /// The list behind `capabilities:` in a type's description.
    private static func capabilities(in text: String) -> [String] {
        let pattern = "capabilities:"
        let bytes = Array(text.utf8)
        guard let start = ByteSearch.first(of: Array(pattern.utf8), in: bytes[...], from: 0) else { return [] }
        let list = String(decoding: bytes[(start + pattern.utf8.count)...], as: UTF8.self)
        return list.split(separator: ",").map { normalized(String($0)) }
    }

    private static func normalized(_ capability: String) -> String {
        String(Wording.trimmed(capability).lowercased().map { $0 == " " || $0 == "-" ? "_" : $0 })
    }
}
