import FleetCore
import JSON

/// A small valid answer for every kind of step; a solution's text has 600 bytes.
struct CannedAnswers: Sendable {
    private let shape: PlanShape
    private let fixed: [StepKind: String]

    init(shape: PlanShape) {
        self.shape = shape
        let solution = String(repeating: "A result that somebody could use. ", count: 18).prefix(600)
        let answers: [StepKind: JSONValue] = [
            .taskAnalysis: [
                "summary": "A task.", "domain": "finance", "keywords": ["trends"],
                "required_capabilities": ["forecasting"], "constraints": [], "complexity": "moderate",
                "language": "en", "open_questions": [],
                "requirements": [
                    ["id": "R1", "text": "One.", "level": "must", "check": "It is there."],
                    ["id": "R2", "text": "Two.", "level": "must", "check": "It is there."],
                ],
            ],
            .specialistSelection: [
                "specialists": [
                    Self.specialist("financial_analyst"), Self.specialist("data_scientist"),
                ], "gaps": [],
            ],
            .subtaskExecution: [
                "content": .string(String(solution)), "key_findings": ["A result."], "assumptions": [], "sources": [],
                "covers": [
                    ["requirement": "R1", "where": "Result", "complete": true],
                    ["requirement": "R2", "where": "Result", "complete": true],
                ], "open_points": [],
                "confidence": .double(0.8),
            ],
            .solutionReview: [
                "requirement_checks": Self.checks, "request_checks": [], "certainty": .double(0.9),
                "strengths": [], "weaknesses": [], "feedback": "Good.", "revision_requests": [],
                "scores": ["completeness": 8, "accuracy": 8, "relevance": 8, "quality": 8],
            ],
            .coordination: [
                "structured_findings": [], "cross_references": [], "identified_gaps": [], "inconsistencies": [],
            ],
            .synthesis: [
                "executive_summary": .string(String(solution)), "sections": [], "key_insights": [],
                "recommendations": [], "supporting_evidence": [], "limitations": [], "sources": [],
                "requirement_answers": [
                    ["id": "R1", "section": "Result", "status": "answered"],
                    ["id": "R2", "section": "Result", "status": "answered"],
                ],
                "overall_confidence": .double(0.9),
            ],
            .finalReview: [
                "requirement_checks": Self.checks, "limitation_checks": [],
                "strengths": [], "weaknesses": [], "approved": true, "feedback": "Good.", "revision_requests": [],
            ],
        ]
        fixed = answers.mapValues { $0.serialized() }
    }

    private static let checks: JSONValue = [
        ["id": "R1", "met": "yes", "place": "Result"], ["id": "R2", "met": "yes", "place": "Result"],
    ]

    private static func specialist(_ type: String) -> JSONValue {
        ["type": .string(type), "rationale": "Fits.", "adds": "Much.", "priority": "high", "focus_areas": []]
    }

    /// The answer to a question; nil for a kind that the benchmark does not cause.
    func text(for request: ModelRequest) -> String? {
        guard let kind = StepKind(rawValue: request.schema.name) else { return nil }
        return kind == .taskDecomposition ? plan(for: Self.specialists(in: request.prompt)) : fixed[kind]
    }

    private func plan(for specialists: [String]) -> String {
        let subtasks = shape.dependencies.enumerated().map { index, dependencies -> JSONValue in
            [
                "subtask_id": .string("s\(index + 1)"), "title": .string("Part \(index + 1)"),
                "description": "Do this part of the task and say what you found.", "deliverable": "A short text.",
                "assigned_specialist": .string(specialists[index % specialists.count]),
                "dependencies": .strings(dependencies.map { "s\($0)" }), "covers": ["R1", "R2"], "priority": "medium",
                "complexity": "simple",
            ]
        }
        let plan: JSONValue = ["subtasks": .array(subtasks), "uncovered": []]
        return plan.serialized()
    }

    /// The types that the prompt offers to plan with, found byte by byte: the benchmark's model costs little.
    private static func specialists(in prompt: String) -> [String] {
        var prompt = prompt
        let types = prompt.withUTF8 { bytes -> [String] in
            guard var rest = after("<selected_specialists>", in: bytes[...]) else { return [] }
            var types: [String] = []
            while let type = after("<specialist type=\"", in: rest), let end = type.firstIndex(of: UInt8(ascii: "\"")) {
                types.append(String(decoding: type[..<end], as: UTF8.self))
                rest = type[end...]
            }
            return types
        }
        return types.isEmpty ? ["generalist"] : types
    }

    /// What follows a text; nil if it is not there.
    private static func after(
        _ text: StaticString, in bytes: Slice<UnsafeBufferPointer<UInt8>>
    ) -> Slice<UnsafeBufferPointer<UInt8>>? {
        let (count, first) = (text.utf8CodeUnitCount, text.utf8Start.pointee)
        var rest = bytes
        while rest.count >= count, let start = rest.dropLast(count - 1).firstIndex(of: first) {
            rest = rest[start...]
            let isFound = text.withUTF8Buffer { rest.prefix(count).elementsEqual($0) }
            if isFound { return rest.dropFirst(count) }
            rest = rest.dropFirst()
        }
        return nil
    }
}
