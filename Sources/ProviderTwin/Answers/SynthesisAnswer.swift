/// Writes the final answer from the coordinated findings; what is missing becomes a stated limitation.
struct SynthesisAnswer {
    let brief: Brief

    private struct Finding {
        var topic: String
        var points: [String]
        var sources: [String]
        var confidence: Int
    }

    func compose() -> [UInt8] {
        let findings = findings()
        var sources: [String] = []
        for source in findings.flatMap(\.sources) where !sources.contains(source) { sources.append(source) }
        let gaps = brief.first("aggregation")?.json?["identified_gaps"]?.strings ?? []
        var limitations = brief.missing.map { "Subtask \($0.key) is missing: \($0.reason)" }
        limitations += gaps.filter { gap in !brief.missing.contains { gap.contains($0.key) } }
        var json = JSONWriter(capacity: 4096)
        json.beginObject()
        json.field("executive_summary", summary(findings, isComplete: limitations.isEmpty))
        sections(findings, &json)
        json.field("key_insights", findings.prefix(5).map { "\($0.topic): \($0.points.first ?? "answered")." })
        json.field("recommendations", findings.prefix(3).map { "Act on \($0.topic) first where effort is lowest." })
        evidence(findings, &json)
        json.field("limitations", limitations)
        json.field("sources", sources)
        json.key("overall_confidence")
        let mean = findings.map(\.confidence).reduce(0, +) / max(1, findings.count)
        json.hundredths(max(0, mean - 5 * min(6, limitations.count)))
        json.endObject()
        return json.bytes
    }

    private func findings() -> [Finding] {
        let listed = brief.first("aggregation")?.json?["structured_findings"]?.array ?? []
        let findings = listed.prefix(12).map { item in
            Finding(
                topic: Wording.clipped(item["topic"]?.string ?? brief.taskTitle, 120),
                points: item["key_points"]?.strings.map { Wording.clipped($0, 200) } ?? [],
                sources: item["sources"]?.strings ?? [],
                confidence: Int(((item["confidence"]?.number ?? 0.8) * 100).rounded())
            )
        }
        if !findings.isEmpty { return Array(findings) }
        let points = Wording.sentences(brief.taskDescription, limit: 3)
        return [Finding(topic: brief.taskTitle, points: points, sources: [], confidence: 60)]
    }

    private func summary(_ findings: [Finding], isComplete: Bool) -> String {
        var text = "\(brief.taskTitle): \(findings.count) lines of work were brought together. "
        text += "The leading one is \(findings[0].topic). "
        text += isComplete ? "All parts are answered." : "Some parts are missing; the limitations name them."
        if let revision = brief.revision { text += " Revised as asked: \(revision)" }
        return text
    }

    private func sections(_ findings: [Finding], _ json: inout JSONWriter) {
        json.key("sections")
        json.beginArray()
        for finding in findings {
            json.beginObject()
            json.field("title", finding.topic)
            let points = finding.points.map { "- \($0)" }.joined(separator: "\n")
            let origin = finding.sources.joined(separator: ", ")
            json.field(
                "content", "\(finding.topic), worked out by \(origin.isEmpty ? "the team" : origin).\n\n\(points)")
            json.endObject()
        }
        json.endArray()
    }

    private func evidence(_ findings: [Finding], _ json: inout JSONWriter) {
        json.key("supporting_evidence")
        json.beginArray()
        for finding in findings.prefix(6) {
            json.beginObject()
            json.field("content", finding.points.first ?? finding.topic)
            json.field("source_specialists", finding.sources)
            json.key("confidence")
            json.hundredths(finding.confidence)
            json.endObject()
        }
        json.endArray()
    }
}
