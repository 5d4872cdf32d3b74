package import JSON

/// A final answer made readable: the stored synthesis as Markdown and data.
package struct AnswerDocument: Sendable {
    private let answer: TaskAnswer
    /// The synthesis; nil if the answer is Markdown already, for example solutions put one after another.
    private let synthesis: JSONValue?
    private let limitations: [String]

    /// - Parameter taskLimitations: what the task admits besides the answer itself.
    package init(_ answer: TaskAnswer, taskLimitations: [String]) {
        self.answer = answer
        let content = try? JSONValue(parsing: answer.content)
        synthesis = [content, answer.metadata].compactMap(\.self).first { $0["executive_summary"]?.string != nil }
        var seen: Set<String> = []
        let all = (synthesis?.strings("limitations") ?? []) + answer.metadata.strings("limitations") + taskLimitations
        limitations = all.filter { seen.insert($0).inserted }
    }

    /// The specification's `result`.
    package var json: JSONValue {
        let source = synthesis ?? answer.metadata
        let confidence = source["overall_confidence"]?.double ?? answer.metadata["confidence"]?.double
        var supporting = JSONObject()
        for key in ["key_insights", "recommendations", "supporting_evidence", "sections"] {
            supporting[key] = source[key] ?? []
        }
        return [
            "final_answer": .string(markdown), "supporting_data": .object(supporting),
            "confidence": confidence.map { .double($0) } ?? .null, "sources": source["sources"] ?? [],
            "limitations": .strings(limitations), "partial": .bool(answer.metadata["partial"]?.bool ?? false),
            "version": .integer(answer.version),
        ]
    }

    /// For reading.
    package var markdown: String {
        guard let synthesis else { return answer.content }
        var parts = [synthesis["executive_summary"]?.string ?? ""]
        for section in synthesis["sections"]?.array ?? [] {
            parts.append("## \(Self.line(section["title"]?.string ?? ""))\n\n\(section["content"]?.string ?? "")")
        }
        parts.append(Self.list("Key insights", synthesis.strings("key_insights")) { _ in "-" })
        parts.append(Self.list("Recommendations", synthesis.strings("recommendations")) { "\($0 + 1)." })
        parts.append(Self.list("Limitations", limitations) { _ in "-" })
        parts.append(Self.list("Sources", synthesis.strings("sources")) { _ in "-" })
        return parts.filter { !$0.isEmpty }.joined(separator: "\n\n")
    }

    private static func list(_ title: String, _ items: [String], _ mark: (Int) -> String) -> String {
        guard !items.isEmpty else { return "" }
        let lines = items.enumerated().map { "\(mark($0)) \(line($1))" }
        return "## \(title)\n\n" + lines.joined(separator: "\n")
    }

    /// A heading and a list item are one line each.
    private static func line(_ text: String) -> String {
        text.split(whereSeparator: \.isNewline).joined(separator: " ")
    }
}
