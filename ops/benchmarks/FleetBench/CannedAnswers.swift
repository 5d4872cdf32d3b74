import FleetCore

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
                "requirements": [["id": "R1", "text": "One."], ["id": "R2", "text": "Two."]],
            ],
            .specialistSelection: [
                "specialists": [
                    ["type": "financial_analyst", "rationale": "Fits.", "priority": "high", "focus_areas": []],
                    ["type": "data_scientist", "rationale": "Fits.", "priority": "high", "focus_areas": []],
                ]
            ],
            .subtaskExecution: [
                "content": .string(String(solution)), "key_findings": [], "assumptions": [], "sources": [],
                "confidence": .double(0.8),
            ],
            .solutionReview: [
                "strengths": [], "weaknesses": [], "feedback": "Good.", "revision_requests": [],
                "recommendation": "ACCEPT",
                "scores": ["completeness": 8, "accuracy": 8, "relevance": 8, "quality": 8],
            ],
            .coordination: [
                "structured_findings": [], "cross_references": [], "identified_gaps": [], "inconsistencies": [],
            ],
            .synthesis: [
                "executive_summary": .string(String(solution)), "sections": [], "key_insights": [],
                "recommendations": [], "supporting_evidence": [], "limitations": [], "sources": [],
                "overall_confidence": .double(0.9),
            ],
            .finalReview: [
                "strengths": [], "weaknesses": [], "approved": true, "feedback": "Good.", "revision_requests": [],
            ],
        ]
        fixed = answers.mapValues { $0.serialized() }
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
        let plan: JSONValue = ["subtasks": .array(subtasks), "execution_phases": []]
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
