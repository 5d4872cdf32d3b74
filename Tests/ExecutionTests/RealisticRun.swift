import FleetCore
import FleetTesting
import JSON

/// A task as it goes in life: a plan sent back, a subtask revised twice and still below the bar, one given to another
/// specialist, one that nobody solves, an answer sent back, a revision of one part, a revision of everything.
struct RealisticRun {
    /// Every step that was asked, with the texts behind it, in order.
    private(set) var steps: [ClaimedStep] = []
    private(set) var harness: WorkflowHarness

    static let requirements = [
        "Compare the three heat pumps by seasonal performance.", "State purchase and running cost over 15 years.",
        "Name the one to choose, with reasons.", "Say what the choice depends on.",
    ]
    static let added = "Show the effect of a tariff for heat pumps."
    static let constraints = ["The house has 140 square metres.", "The budget is 25,000 euros."]

    init(catalogue: AgentCatalogue) {
        harness = WorkflowHarness(
            catalogue: catalogue, title: "Compare three heat pumps & choose <one>",
            description:
                "Compare three heat pumps for a house with 140 square metres and say which one to choose and why.",
            context: ["country": "Germany", "tariff": ["day": "31 ct", "night": "24 ct"]])
        harness.load = ["energy_analyst": 3, "financial_analyst": 1]
        work()
        harness.request(
            .revise(ActiveRevision(id: "rev_1", request: "Show the effect of a tariff.", areas: ["Running cost"])))
        work()
        harness.request(.revise(ActiveRevision(id: "rev_2", request: "Say less about cost.", areas: [])))
        work()
        harness.request(.revise(ActiveRevision(id: "rev_3", request: "Now for a flat.", scope: .fullTask)))
        work()
    }

    private mutating func work() {
        for _ in 0..<400 {
            while harness.advance() {}
            guard let step = harness.openSteps.first else { return }
            let claimed = harness.claimed(step)
            steps.append(claimed)
            if let answer = answer(to: claimed) {
                harness.settle(step.id, .succeeded, output: answer)
            } else {
                harness.settle(step.id, .failed)
            }
        }
    }

    private func answer(to step: ClaimedStep) -> JSONValue? {
        let key = step.material.subtasks.first { $0.id == step.subtaskID }?.key ?? ""
        switch step.kind {
        case .taskAnalysis: return Self.analysis
        case .specialistSelection: return selection
        case .taskDecomposition: return plan(isRepair: !step.input.planErrors.isEmpty)
        case .subtaskExecution:
            if key == "s5" { return Optional.none }
            return Self.solution(of: key, step)
        case .solutionReview: return Self.review(of: key, step)
        case .coordination: return Self.aggregation
        case .synthesis: return synthesis(step)
        case .finalReview:
            return finalReview(isApproved: (step.input.subjectVersion ?? 1) != 1, requirements(of: step))
        case .revisionScoping:
            let isFirst = step.material.earlierRevisions.isEmpty
            return [
                "rationale": "One part.", "scope": isFirst ? "specific_subtasks" : "final_answer",
                "subtasks": isFirst ? ["s4"] : [],
                "new_requirements": isFirst
                    ? [["id": "R5", "text": .string(Self.added), "level": "must", "check": "A table."]] : [],
            ]
        }
    }

    private func requirements(of step: ClaimedStep) -> [String] {
        (1...Self.requirements.count).map { "R\($0)" } + step.input.addedRequirements.map(\.id)
    }

    private static let analysis: JSONValue = [
        "summary": "Which of three heat pumps fits.", "domain": "energy", "keywords": ["heat", "pump", "cost"],
        "required_capabilities": ["energy_analysis", "financial_analysis"], "complexity": "complex", "language": "en",
        "requirements": .array(
            requirements.enumerated().map { index, text in
                [
                    "id": .string("R\(index + 1)"), "text": .string(text), "level": index == 3 ? "should" : "must",
                    "check": "A table says so.",
                ]
            }), "constraints": .strings(constraints), "open_questions": [],
    ]

    private var selection: JSONValue {
        [
            "specialists": .array(
                ["energy_analyst", "financial_analyst", "market_researcher"].map { type in
                    [
                        "type": .string(type), "rationale": "Fits.", "adds": "Its craft.", "priority": "high",
                        "focus_areas": ["performance", "cost"],
                    ]
                }), "gaps": [],
        ]
    }

    private func plan(isRepair: Bool) -> JSONValue {
        let types = harness.snapshot.task.selection.map(\.type)
        let shape: [(covers: [String], after: [String])] = [
            (["R1"], []), (["R2"], ["s1"]), (["R3"], ["s2"]), (["R4"], []), (["R3", "R4"], []),
        ]
        return [
            "subtasks": .array(
                shape.enumerated().map { index, part in
                    [
                        "subtask_id": .string("s\(index + 1)"), "title": .string("Part \(index + 1) of the comparison"),
                        "description": .string("Work out part \(index + 1)."), "deliverable": "A table.",
                        "assigned_specialist": isRepair ? .string(types[index % types.count]) : "nobody",
                        "covers": .strings(part.covers), "dependencies": .strings(part.after), "priority": "high",
                        "complexity": "complex",
                    ]
                }), "uncovered": [],
        ]
    }

    private static func solution(of key: String, _ step: ClaimedStep) -> JSONValue {
        let covers = step.material.subtasks.first { $0.id == step.subtaskID }?.covers ?? []
        return [
            "content": .string("# Result of \(key)\n\nThe table of \(key).\n\n## Basis\n\nGiven data."),
            "key_findings": .strings(["Finding of \(key) in \(step.agentType)."]), "assumptions": ["Prices hold."],
            "sources": ["Given data."],
            "covers": .array(
                covers.map { ["requirement": .string($0), "where": .string("Result of \(key)"), "complete": true] }),
            "open_points": ["The subsidy."], "confidence": .double(0.8),
        ]
    }

    /// s2 stays below the bar, s3 is rejected once, the others pass.
    private static func review(of key: String, _ step: ClaimedStep) -> JSONValue {
        let isReplaced =
            step.input.subjectStepID.flatMap { step.material.solutions[$0] }?.metadata?
            .contains("energy_analyst") ?? false
        let score = key == "s2" ? 6 : key == "s3" && !isReplaced ? 3 : 8
        let covers = (step.material.subtasks.first { $0.id == step.subtaskID }?.covers ?? []) + ["R5"]
        return [
            "requirement_checks": .array(
                covers.map { ["id": .string($0), "met": score == 6 ? "partly" : "yes", "place": "Result"] }),
            "request_checks": [], "strengths": ["Clear."],
            "weaknesses": score < 7 ? [["place": "Result", "text": "No basis.", "severity": "major"]] : [],
            "scores": [
                "completeness": .integer(score), "accuracy": .integer(score), "relevance": .integer(score),
                "quality": .integer(score),
            ], "certainty": .double(0.9),
            "revision_requests": score < 7 ? [["id": "Q1", "text": "Give the basis."]] : [], "feedback": "Read this.",
        ]
    }

    private static let aggregation: JSONValue = [
        "structured_findings": [
            [
                "id": "F1", "topic": "Performance", "key_points": ["4.1 (s1)"], "sources": ["energy_analyst"],
                "requirements": ["R1"], "confidence": .double(0.8), "supporting_data": "",
            ]
        ], "cross_references": [],
        "identified_gaps": [["requirement": "R4", "text": "Part 5 is missing."]],
        "inconsistencies": [["findings": ["F1"], "text": "Two values for the price."]],
    ]

    private func synthesis(_ step: ClaimedStep) -> JSONValue {
        [
            "executive_summary": "Take the second one.", "sections": [["title": "Performance", "content": "4.1"]],
            "key_insights": [], "recommendations": [], "supporting_evidence": [],
            "requirement_answers": .array(
                requirements(of: step).map {
                    ["id": .string($0), "section": "Performance", "status": "answered"]
                }), "limitations": ["Part 5 is missing."], "sources": [], "overall_confidence": .double(0.7),
        ]
    }

    private func finalReview(isApproved: Bool, _ ids: [String]) -> JSONValue {
        [
            "requirement_checks": .array(ids.map { ["id": .string($0), "met": "yes", "place": "Performance"] }),
            "limitation_checks": [["part": "s5", "stated": true]], "strengths": [], "weaknesses": [],
            "approved": .bool(isApproved), "feedback": "Read this.",
            "revision_requests": isApproved ? [] : [["id": "Q1", "text": "Say it first."]],
        ]
    }
}
