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
    case optional(Shape)

    /// The first place where the value differs from the shape; nil if it fits.
    func mismatch(_ value: Any?, at path: String = "") -> String? {
        switch self {
        case .text: return value is String ? nil : "\(path): not a text"
        case .number(let range):
            guard let number = value as? NSNumber, range.contains(number.doubleValue) else { return "\(path): number" }
            return nil
        case .optional(let shape): return value is NSNull ? nil : shape.mismatch(value, at: path)
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

    private static let requirements = Shape.list(
        .object(["id": .text, "text": .text, "level": .one(of: ["must", "should"]), "check": .text]))
    private static let weaknesses = Shape.list(
        .object(["place": .text, "text": .text, "severity": .one(of: ["minor", "major", "critical"])]))
    private static let requests = Shape.list(.object(["id": .text, "text": .text]))

    static let stages: [String: Shape] = [
        "task_analysis": .object([
            "summary": .text, "domain": .text, "keywords": texts, "required_capabilities": texts, "complexity": size,
            "language": .text, "requirements": requirements, "constraints": texts, "open_questions": texts,
        ]),
        "specialist_selection": .object([
            "specialists": .list(
                .object(["type": .text, "rationale": .text, "adds": .text, "priority": level, "focus_areas": texts])),
            "gaps": .list(.object(["capability": .text, "reason": .text])),
        ]),
        "task_decomposition": .object([
            "subtasks": .list(
                .object([
                    "subtask_id": .text, "title": .text, "description": .text, "assigned_specialist": .text,
                    "deliverable": .text, "dependencies": texts, "covers": texts, "priority": level,
                    "complexity": size,
                ])),
            "uncovered": .list(.object(["requirement": .text, "reason": .text])),
        ]),
        "subtask_execution": .object([
            "content": .text, "key_findings": texts, "assumptions": texts, "sources": texts,
            "covers": .list(.object(["requirement": .text, "where": .text, "complete": .flag])),
            "open_points": texts, "confidence": share,
        ]),
        "solution_review": .object([
            "requirement_checks": .list(
                .object([
                    "id": .text, "met": .one(of: ["yes", "partly", "no", "not_applicable"]), "place": .text,
                ])),
            "request_checks": .list(.object(["id": .text, "met": .one(of: ["yes", "partly", "no"])])),
            "strengths": texts, "weaknesses": weaknesses,
            "scores": .object(["completeness": score, "accuracy": score, "relevance": score, "quality": score]),
            "certainty": share, "revision_requests": requests, "feedback": .text,
        ]),
        "coordination": .object([
            "structured_findings": .list(
                .object([
                    "id": .text, "topic": .text, "key_points": texts, "sources": texts, "requirements": texts,
                    "confidence": share, "supporting_data": .text,
                ])),
            "cross_references": .list(
                .object([
                    "finding_a": .text, "finding_b": .text,
                    "relationship": .one(of: ["supports", "contradicts", "complements"]),
                ])),
            "identified_gaps": .list(.object(["requirement": .optional(.text), "text": .text])),
            "inconsistencies": .list(.object(["findings": texts, "text": .text])),
        ]),
        "synthesis": .object([
            "executive_summary": .text, "sections": .list(.object(["title": .text, "content": .text])),
            "key_insights": texts, "recommendations": texts,
            "supporting_evidence": .list(
                .object(["content": .text, "source_specialists": texts, "confidence": share])),
            "requirement_answers": .list(
                .object(["id": .text, "section": .text, "status": .one(of: ["answered", "partly", "open"])])),
            "limitations": texts, "sources": texts, "overall_confidence": share,
        ]),
        "final_review": .object([
            "requirement_checks": .list(
                .object(["id": .text, "met": .one(of: ["yes", "partly", "no"]), "place": .text])),
            "limitation_checks": .list(.object(["part": .text, "stated": .flag])),
            "strengths": texts, "weaknesses": weaknesses, "approved": .flag, "feedback": .text,
            "revision_requests": requests,
        ]),
        "revision_scoping": .object([
            "rationale": .text, "new_requirements": requirements,
            "scope": .one(of: ["full_task", "specific_subtasks", "final_answer"]), "subtasks": texts,
        ]),
    ]
}
