import FleetCore
import FleetTesting
import JSON

/// How steps end: mostly well, with plans of one to five parts.
struct SmallAnswers {
    /// Chance that a step does not end well.
    let trouble: Double
    /// Chance that a step waits for its turn in a limit.
    var turns = 0.0

    func outcome(of step: ClaimedStep, using generator: inout SeededGenerator) -> StepOutcome {
        if turns > 0, Double.random(in: 0..<1, using: &generator) < turns {
            return .retry(after: .zero, reason: .reservedTurn, error: nil, countsAsFailure: false)
        }
        if Double.random(in: 0..<1, using: &generator) < trouble {
            switch Int.random(in: 0..<6, using: &generator) {
            case 0: return .failed(error: "refused")
            case 1: return .dead(error: "too often")
            case 2: return .handedBack
            case 3: return .retry(after: .zero, reason: .reservedTurn, error: nil, countsAsFailure: false)
            default: return .retry(after: .zero, reason: .backoff, error: "again", countsAsFailure: true)
            }
        }
        return Self.succeeded(step, answer(step.kind, using: &generator))
    }

    private func answer(_ kind: StepKind, using generator: inout SeededGenerator) -> JSONValue {
        var answers = ScriptedAnswers()
        answers.lowScore = trouble
        answers.disapproval = trouble
        guard kind == .taskDecomposition else { return answers.answer(kind, using: &generator) }
        let count = Int.random(in: 1...5, using: &generator)
        let subtasks = (1...count).map { index -> JSONValue in
            let dependencies = (1..<index).filter { _ in Bool.random(using: &generator) }
            return [
                "subtask_id": .string("s\(index)"), "title": .string("Part \(index)"), "description": "Do it.",
                "deliverable": "A text.", "covers": ["R1", "R2"], "priority": "medium", "complexity": "simple",
                "assigned_specialist": .string(answers.specialists[index % answers.specialists.count]),
                "dependencies": .strings(dependencies.map { "s\($0)" }),
            ]
        }
        return ["subtasks": .array(subtasks), "uncovered": []]
    }

    private static func succeeded(_ step: ClaimedStep, _ answer: JSONValue) -> StepOutcome {
        let text = answer.serialized()
        return .succeeded(
            StepOutcome.Answer(
                json: text, content: answer["content"]?.string ?? text, confidence: 0.9,
                version: (step.input.subjectVersion ?? 0) + 1))
    }

    /// A call as a provider answered it.
    static func call(of step: ClaimedStep, number: Int = 1) -> CallRecord {
        CallRecord(
            number: number, provider: "openai", model: TestCatalogue.model.name,
            account: CallAccount(
                ReportedUsage(TokenUsage(uncachedInputTokens: 100, outputTokens: 20)), of: TestCatalogue.model,
                on: "2026-11-22", billed: .yes, isCounted: true,
                expected: TokenEstimate(inputTokens: 150, outputTokens: 70),
                bound: TokenEstimate(inputTokens: 400, outputTokens: 1000)),
            outcome: "succeeded", httpStatus: 200, providerRequestID: "req_\(step.stepID)_\(step.attempt)",
            duration: .milliseconds(5))
    }
}
