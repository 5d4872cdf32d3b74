import Foundation

/// The shapes of the stage answers, and a check that a value has one.
indirect enum Shape: Sendable {
    case text
    case number(ClosedRange<Double>)
    case whole
    case flag
    case one(of: [String])
    case list(Shape)
    case object([String: Shape])

    /// The first place where the value differs from the shape; nil if it fits.
    func mismatch(_ value: Any?, at path: String = "") -> String? {
        switch self {
        case .text: return value is String ? nil : "\(path): not a text"
        case .number(let range):
            guard let number = value as? NSNumber, range.contains(number.doubleValue) else { return "\(path): number" }
            return nil
        case .whole: return value is Int ? nil : "\(path): not whole"
        case .flag: return value is Bool ? nil : "\(path): not a flag"
        case .one(let names): return (value as? String).map(names.contains) == true ? nil : "\(path): \(value ?? "nil")"
        case .list(let item):
            guard let items = value as? [Any] else { return "\(path): not a list" }
            return items.enumerated().lazy.compactMap { item.mismatch($1, at: "\(path)/\($0)") }.first
        case .object(let members):
            guard let object = value as? [String: Any] else { return "\(path): not an object" }
            if Set(object.keys) != Set(members.keys) { return "\(path): keys \(object.keys.sorted())" }
            return members.lazy.compactMap { $1.mismatch(object[$0], at: "\(path)/\($0)") }.first
        }
    }

    private static let level = Shape.one(of: ["high", "medium", "low"])
    private static let size = Shape.one(of: ["simple", "moderate", "complex"])
    private static let texts = Shape.list(.text)
    private static let share = Shape.number(0...1)
    private static let score = Shape.number(0...10)

    static let stages: [String: Shape] = [
        "task_analysis": .object([
            "summary": .text, "domain": .text, "keywords": texts, "required_capabilities": texts, "complexity": size,
            "requirements": .list(.object(["id": .text, "text": .text])), "constraints": texts,
        ]),
        "specialist_selection": .object([
            "specialists": .list(
                .object(["type": .text, "rationale": .text, "priority": level, "focus_areas": texts]))
        ]),
        "task_decomposition": .object([
            "subtasks": .list(
                .object([
                    "subtask_id": .text, "title": .text, "description": .text, "assigned_specialist": .text,
                    "deliverable": .text, "dependencies": texts, "covers": texts, "priority": level,
                    "complexity": size,
                ])),
            "execution_phases": .list(.object(["phase": .whole, "subtasks": texts, "description": .text])),
        ]),
        "subtask_execution": .object([
            "content": .text, "key_findings": texts, "assumptions": texts, "sources": texts, "confidence": share,
        ]),
        "solution_review": .object([
            "strengths": texts, "weaknesses": texts,
            "scores": .object(["completeness": score, "accuracy": score, "relevance": score, "quality": score]),
            "recommendation": .one(of: ["ACCEPT", "NEEDS_REVISION", "REJECT"]), "feedback": .text,
            "revision_requests": texts,
        ]),
        "coordination": .object([
            "structured_findings": .list(
                .object([
                    "topic": .text, "key_points": texts, "sources": texts, "confidence": share,
                    "supporting_data": .text,
                ])),
            "cross_references": .list(
                .object([
                    "finding_a": .text, "finding_b": .text,
                    "relationship": .one(of: ["supports", "contradicts", "complements"]),
                ])),
            "identified_gaps": texts, "inconsistencies": texts,
        ]),
        "synthesis": .object([
            "executive_summary": .text, "sections": .list(.object(["title": .text, "content": .text])),
            "key_insights": texts, "recommendations": texts,
            "supporting_evidence": .list(
                .object(["content": .text, "source_specialists": texts, "confidence": share])),
            "limitations": texts, "sources": texts, "overall_confidence": share,
        ]),
        "final_review": .object([
            "strengths": texts, "weaknesses": texts, "approved": .flag, "feedback": .text, "revision_requests": texts,
        ]),
        "revision_scoping": .object([
            "rationale": .text, "scope": .one(of: ["full_task", "specific_subtasks", "final_answer"]),
            "subtasks": texts,
        ]),
    ]
}
