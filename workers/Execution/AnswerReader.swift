import FleetCore

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

    func read(_ text: String, for step: ClaimedStep) -> Reading {
        guard let validator = validators[step.kind] else { return .invalid(["there is no schema for this step"]) }
        let value: JSONValue
        switch validator.validate(text) {
        case .valid(let parsed): value = parsed
        case .invalid(let problems): return .invalid(problems)
        }
        if let reason = value.unstorable { return .invalid(["/: \(reason)"]) }
        let blanks = Self.blankFields(of: value, kind: step.kind)
        guard blanks.isEmpty else { return .invalid(blanks.map { "/\($0): is blank, expected text" }) }
        return .valid(
            StepOutcome.Answer(
                json: text, content: Self.content(value, text, step.kind), confidence: Self.confidence(value),
                version: Self.version(step)))
    }

    /// A schema cannot say that a text must not be empty; an empty answer is not an answer.
    static func blankFields(of value: JSONValue, kind: StepKind) -> [String] {
        let fields =
            switch kind {
            case .taskAnalysis: ["summary"]
            case .subtaskExecution: ["content"]
            case .solutionReview: ["feedback"]
            case .synthesis: ["executive_summary"]
            case .specialistSelection, .taskDecomposition, .coordination, .finalReview, .revisionScoping: [String]()
            }
        return fields.filter { value[$0]?.string?.allSatisfy(\.isWhitespace) ?? false }
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
