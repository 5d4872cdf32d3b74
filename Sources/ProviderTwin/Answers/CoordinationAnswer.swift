/// Brings the accepted solutions into one structure and names what is missing.
struct CoordinationAnswer {
    let brief: Brief

    private static let mostFindings = 12

    func compose() -> [UInt8] {
        var dice = brief.dice
        let solutions = brief.all("solution").prefix(Self.mostFindings)
        let titles = Dictionary(
            brief.all("subtask").compactMap { element in element["key"].map { ($0, element.text(of: "title")) } },
            uniquingKeysWith: { first, _ in first }
        )
        var json = JSONWriter(capacity: 2048)
        json.beginObject()
        json.key("structured_findings")
        json.beginArray()
        var topics: [String] = []
        for solution in solutions {
            let text = solution.text
            let key = solution["subtask"] ?? "s\(topics.count + 1)"
            let topic = topic(titles[key] ?? "", text, key)
            topics.append(topic)
            let points = Self.points(of: text)
            json.beginObject()
            json.field("topic", topic)
            json.field("key_points", points.isEmpty ? ["\(topic) is answered."] : points)
            json.field("sources", [solution["specialist"] ?? "specialist"])
            json.key("confidence")
            json.hundredths(72 + dice.pick(24))
            json.field("supporting_data", "Solution of \(key), version \(solution["version"] ?? "1").")
            json.endObject()
        }
        if topics.isEmpty { placeholder(&json) }
        json.endArray()
        json.key("cross_references")
        json.beginArray()
        for (one, two) in zip(topics, topics.dropFirst()) {
            json.beginObject()
            json.field("finding_a", one)
            json.field("finding_b", two)
            json.field("relationship", dice.pick(from: ["supports", "complements", "complements"], or: "supports"))
            json.endObject()
        }
        json.endArray()
        json.field("identified_gaps", brief.missing.map { "Subtask \($0.key) has no result: \($0.reason)" })
        json.field("inconsistencies", [])
        json.endObject()
        return json.bytes
    }

    private func topic(_ title: String, _ text: String, _ key: String) -> String {
        if !title.isEmpty { return Wording.clipped(title, 120) }
        let heading = text.split(separator: "\n").first { $0.hasPrefix("#") }
        let words = heading.map { String($0.drop { $0 == "#" || $0 == " " }) }
        return Wording.clipped(words ?? "Findings of \(key)", 120)
    }

    private func placeholder(_ json: inout JSONWriter) {
        json.beginObject()
        json.field("topic", brief.taskTitle)
        json.field("key_points", ["No solution was handed in."])
        json.field("sources", [])
        json.key("confidence")
        json.integer(0)
        json.field("supporting_data", "None.")
        json.endObject()
    }

    /// The sentences that speak of a subject; in texts of another build, those after the opening.
    private static func points(of text: String) -> [String] {
        let sentences = Wording.sentences(text, limit: 24).map { Wording.clipped($0, 160) }
        let statements = sentences.filter { $0.hasPrefix("On ") }
        return Array((statements.isEmpty ? Array(sentences.dropFirst()) : statements).prefix(3))
    }
}

extension Brief {
    /// The subtasks without a result, and why.
    var missing: [(key: String, reason: String)] {
        all("missing").map { element in
            let reason = Wording.clipped(element.text, 160)
            return (element["subtask"] ?? "unknown", reason.isEmpty ? "no reason given" : reason)
        }
    }
}
