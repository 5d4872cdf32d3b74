import JSON

/// Composes the model's answer to a request: JSON of the requested schema, or prose.
struct AnswerComposer {
    let seed: UInt64
    let mode: AnswerMode

    func answer(to request: TwinRequest) -> ModelAnswer {
        let schema = request.schema ?? SchemaInText.schema(in: request.system)
        let stage =
            [request.schemaName, schema?["title"]?.string].compactMap(\.self).first(where: Self.isStage)
            ?? SchemaInText.title(in: request.system).flatMap { Self.isStage($0) ? $0 : nil }
        if let stage, Self.isOurs(schema, stage: stage) {
            let brief = Brief(prompt: request.prompt, stage: stage, seed: seed, mode: mode)
            if let text = Self.compose(stage, brief) { return ModelAnswer(text: text) }
        }
        var dice = Draws(request.textDigest(seed: seed))
        if let schema {
            var instance = SchemaInstance(root: schema, dice: dice)
            return ModelAnswer(text: instance.make())
        }
        let brief = Brief(prompt: request.prompt, stage: "", seed: seed, mode: mode)
        return ModelAnswer(text: Array(Self.prose(brief, &dice).utf8))
    }

    /// The top-level properties of each stage's answer.
    static let properties: [String: Set<String>] = [
        "task_analysis": [
            "summary", "domain", "keywords", "required_capabilities", "complexity", "language", "requirements",
            "constraints", "open_questions",
        ],
        "specialist_selection": ["specialists", "gaps"],
        "task_decomposition": ["subtasks", "uncovered"],
        "subtask_execution": [
            "content", "key_findings", "assumptions", "sources", "covers", "open_points", "confidence",
        ],
        "solution_review": [
            "requirement_checks", "request_checks", "strengths", "weaknesses", "scores", "certainty",
            "revision_requests", "feedback",
        ],
        "coordination": ["structured_findings", "cross_references", "identified_gaps", "inconsistencies"],
        "synthesis": [
            "executive_summary", "sections", "key_insights", "recommendations", "supporting_evidence",
            "requirement_answers", "limitations", "sources", "overall_confidence",
        ],
        "final_review": [
            "requirement_checks", "limitation_checks", "strengths", "weaknesses", "approved", "feedback",
            "revision_requests",
        ],
        "revision_scoping": ["rationale", "new_requirements", "scope", "subtasks"],
    ]

    private static func isStage(_ name: String) -> Bool { properties[name] != nil }

    /// A schema that has a stage's name but other properties gets a generic instance.
    private static func isOurs(_ schema: JSONValue?, stage: String) -> Bool {
        guard let members = schema?["properties"]?.object?.members else { return true }
        return Set(members.map(\.key)) == properties[stage]
    }

    private static func compose(_ stage: String, _ brief: Brief) -> [UInt8]? {
        switch stage {
        case "task_analysis": TaskAnalysisAnswer(brief: brief).compose()
        case "specialist_selection": SpecialistSelectionAnswer(brief: brief).compose()
        case "task_decomposition": TaskDecompositionAnswer(brief: brief).compose()
        case "subtask_execution": SubtaskExecutionAnswer(brief: brief).compose()
        case "solution_review": SolutionReviewAnswer(brief: brief).compose()
        case "coordination": CoordinationAnswer(brief: brief).compose()
        case "synthesis": SynthesisAnswer(brief: brief).compose()
        case "final_review": FinalReviewAnswer(brief: brief).compose()
        case "revision_scoping": RevisionScopingAnswer(brief: brief).compose()
        default: nil
        }
    }

    private static func prose(_ brief: Brief, _ dice: inout Draws) -> String {
        let closings = [
            "The next step is to check this against the original question.",
            "A short review by a second reader is advisable.",
            "If more detail is wanted, name the part that matters most.",
        ]
        return "Here is an answer about \(brief.taskTitle). It covers the main points in the order they were asked, "
            + "states what is assumed, and keeps to what the request says. "
            + dice.pick(from: closings, or: "")
    }
}
