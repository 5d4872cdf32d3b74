import FleetCore
import JSON

/// Decides whether an answer may be stored: it satisfies its schema, says something, and the database can hold it.
struct AnswerReader: Sendable {
    private let validators: [StepKind: OutputValidator]

    /// - Throws: if a schema uses what is not supported; the message names the keyword.
    init(catalogue: AgentCatalogue) throws {
        var validators: [StepKind: OutputValidator] = [:]
        for (kind, schema) in catalogue.schemas {
            validators[kind] = OutputValidator(schema: try CompiledSchema(json: schema.json))
        }
        self.validators = validators
    }

    enum Reading {
        case valid(StepOutcome.Answer)
        /// With the problems to show to the model.
        case invalid([String])
    }

    /// - Parameter cuts: what was left out of the question; an answer that was written from it says so.
    func read(_ text: String, for step: ClaimedStep, cuts: [PromptCut] = []) -> Reading {
        guard let validator = validators[step.kind] else { return .invalid(["there is no schema for this step"]) }
        let value: JSONValue
        switch validator.validate(text) {
        case .valid(let parsed): value = parsed
        case .invalid(let problems): return .invalid(problems)
        }
        if let reason = value.unstorable { return .invalid(["/: \(reason)"]) }
        let problems = AnswerChecks(answer: value, step: step).problems
        guard problems.isEmpty else { return .invalid(problems) }
        let stated = step.kind == .synthesis && !cuts.isEmpty ? Self.stating(cuts, in: value) : text
        return .valid(
            StepOutcome.Answer(
                json: stated, content: Self.content(value, stated, step.kind), confidence: Self.confidence(value),
                version: Self.version(step)))
    }

    /// The answer with the limitation that its author did not see everything.
    private static func stating(_ cuts: [PromptCut], in answer: JSONValue) -> String {
        guard var object = answer.object else { return answer.serialized() }
        var parts: [String] = []
        for cut in cuts where !parts.contains(cut.what) { parts.append(cut.what) }
        let limitation = "Parts of the material (\(parts.joined(separator: ", "))) were shortened for length."
        object["limitations"] = .strings(answer.strings("limitations") + [limitation])
        return JSONValue.object(object).serialized()
    }

    /// What people read: a solution's text, otherwise the whole answer.
    private static func content(_ value: JSONValue, _ text: String, _ kind: StepKind) -> String {
        kind == .subtaskExecution ? value["content"]?.string ?? text : text
    }

    private static func confidence(_ value: JSONValue) -> Double? {
        value["confidence"]?.double ?? value["overall_confidence"]?.double
    }

    private static func version(_ step: ClaimedStep) -> Int {
        switch step.kind {
        case .subtaskExecution, .synthesis: (step.input.subjectVersion ?? 0) + 1
        default: 1
        }
    }
}
