package import FleetCore
package import JSON

/// Answers of the right shape for every kind of step, varied by a random number generator: a model for tests.
package struct ScriptedAnswers: Sendable {
    /// Specialists that plans may use.
    package var specialists = ["financial_analyst", "data_scientist", "market_researcher"]
    /// Chance, 0 to 1, that a plan does not compile.
    package var badPlan = 0.0
    /// Chance, 0 to 1, of a review below 7.0: the solution is not accepted.
    package var lowScore = 0.0
    /// Chance, 0 to 1, that a reviewer finds the one `must` not met, whatever it scores or approves.
    package var unmet = 0.0
    /// Chance, 0 to 1, that the final review does not approve.
    package var disapproval = 0.0

    /// Nothing goes wrong.
    package init() {}

    /// One answer as a model writes it.
    package func text(_ kind: StepKind, using generator: inout some RandomNumberGenerator) -> String {
        answer(kind, using: &generator).serialized()
    }

    /// A valid answer.
    package func answer(_ kind: StepKind, using generator: inout some RandomNumberGenerator) -> JSONValue {
        switch kind {
        case .taskAnalysis:
            return [
                "summary": "A task.", "domain": "finance", "keywords": ["trends"],
                "required_capabilities": ["forecasting"], "constraints": [],
                "complexity": .string(
                    TaskAnalysis.Complexity.allCases.randomElement(using: &generator)?.rawValue ?? ""),
                "requirements": [
                    ["id": "R1", "text": "One.", "level": "must", "check": ""],
                    ["id": "R2", "text": "Two.", "level": "should", "check": ""],
                ], "language": "en", "open_questions": [],
            ]
        case .specialistSelection:
            return [
                "specialists": .array(specialists.map { ["type": .string($0), "priority": "high", "adds": "Much."] }),
                "gaps": [],
            ]
        case .taskDecomposition: return plan(using: &generator)
        case .subtaskExecution:
            return [
                "content": "A solution.", "key_findings": ["It holds."], "assumptions": [], "sources": [],
                "covers": [["requirement": "R1", "where": "A solution", "complete": true]], "open_points": [],
                "confidence": .double(0.8),
            ]
        case .solutionReview: return review(using: &generator)
        case .coordination:
            return ["structured_findings": [], "cross_references": [], "identified_gaps": [], "inconsistencies": []]
        case .synthesis:
            return [
                "executive_summary": "The answer.", "sections": [], "limitations": [],
                "requirement_answers": [
                    ["id": "R1", "section": "One", "status": "answered"],
                    ["id": "R2", "section": "Two", "status": "answered"],
                ], "overall_confidence": .double(0.9),
            ]
        case .finalReview: return finalReview(using: &generator)
        case .revisionScoping:
            let scope = RevisionScope.allCases.randomElement(using: &generator) ?? .finalAnswer
            return [
                "rationale": "So.", "new_requirements": [], "scope": .string(scope.rawValue), "subtasks": ["s1"],
            ]
        }
    }

    /// A random acyclic plan of 1 to 6 subtasks, now and then one that does not compile.
    private func plan(using generator: inout some RandomNumberGenerator) -> JSONValue {
        let count = Int.random(in: 1...6, using: &generator)
        var subtasks: [JSONValue] = []
        for index in 1...count {
            let dependencies = (1..<index).filter { _ in Int.random(in: 0..<3, using: &generator) == 0 }
            subtasks.append([
                "subtask_id": .string("s\(index)"), "title": .string("Part \(index)"), "description": "Do it.",
                "deliverable": "A text.", "covers": ["R1", "R2"], "priority": "medium", "complexity": "simple",
                "assigned_specialist": .string(specialists.randomElement(using: &generator) ?? ""),
                "dependencies": .strings(dependencies.map { "s\($0)" }),
            ])
        }
        if Double.random(in: 0..<1, using: &generator) < badPlan {
            subtasks[0] = [
                "subtask_id": "s1", "title": "Part 1", "description": "Do it.", "deliverable": "", "covers": [],
                "assigned_specialist": "nobody", "dependencies": ["s1"], "priority": "low", "complexity": "simple",
            ]
        }
        return ["subtasks": .array(subtasks), "uncovered": []]
    }

    private func review(using generator: inout some RandomNumberGenerator) -> JSONValue {
        let isLow = Double.random(in: 0..<1, using: &generator) < lowScore
        let score = isLow ? Double.random(in: 2..<7, using: &generator) : 8
        let isUnmet = Double.random(in: 0..<1, using: &generator) < unmet
        return [
            "requirement_checks": Self.checks(isUnmet: isUnmet), "request_checks": [], "certainty": .double(0.9),
            "strengths": [], "weaknesses": [], "feedback": "Read it.",
            "revision_requests": [["id": "Q1", "text": "More."]],
            "scores": [
                "completeness": .double(score), "accuracy": .double(score), "relevance": .double(score),
                "quality": .double(score),
            ],
        ]
    }

    private func finalReview(using generator: inout some RandomNumberGenerator) -> JSONValue {
        let isApproved = Double.random(in: 0..<1, using: &generator) >= disapproval
        let isUnmet = Double.random(in: 0..<1, using: &generator) < unmet
        return [
            "requirement_checks": Self.checks(isUnmet: isUnmet), "limitation_checks": [],
            "strengths": [], "weaknesses": [], "approved": .bool(isApproved), "feedback": "Read it.",
            "revision_requests": [["id": "Q1", "text": "More."]],
        ]
    }

    private static func checks(isUnmet: Bool) -> JSONValue {
        [
            ["id": "R1", "met": .string(isUnmet ? "no" : "yes"), "place": "A solution"],
            ["id": "R2", "met": "yes", "place": "A solution"],
        ]
    }
}
