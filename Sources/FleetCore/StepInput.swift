/// What a step's prompt is made of, by reference: the texts stay in their own rows.
public struct StepInput: Sendable, Equatable {
    /// Solutions shown as dependencies, or as the material to review or to aggregate, by execution step.
    public var solutionStepIDs: [Int]
    /// The solution to improve or to review.
    public var subjectStepID: Int?
    /// Version of the solution or answer that is to be improved or reviewed; nil: a first one is to be written.
    public var subjectVersion: Int?
    /// The task's analysis; nil for prompts that do not show it.
    public var analysisStepID: Int?
    /// The review whose feedback is to be met; nil if nothing was sent back.
    public var reviewStepID: Int?
    /// The aggregation to synthesise from; nil: from the solutions themselves.
    public var coordinationStepID: Int?
    /// The final answer to review, to improve, or to scope a revision of.
    public var synthesisStepID: Int?
    /// Specialists to choose from or to plan with.
    public var specialists: [SelectedSpecialist]
    /// Steps that wait or run per agent type, when specialists are to be chosen.
    public var load: [String: Int]
    /// What was wrong with the previous plan.
    public var planErrors: [String]
    /// Parts that are missing, by subtask key, with the reason.
    public var missing: [String: String]
    /// The user's revision request.
    public var revisionRequest: String?
    /// Parts of the answer that the request is about; empty: all of it.
    public var revisionAreas: [String]
    /// Ask the models for complex work: a complex subtask, or a second opinion after a rejection.
    public var prefersComplexModels: Bool

    /// Refers to nothing.
    public init() {
        solutionStepIDs = []
        specialists = []
        load = [:]
        planErrors = []
        missing = [:]
        revisionAreas = []
        prefersComplexModels = false
    }

    /// The stored form; only what is there.
    public var json: JSONValue {
        var object = JSONObject()
        func set(_ key: String, _ value: Int?) { if let value { object[key] = .integer(value) } }
        if !solutionStepIDs.isEmpty { object["solutions"] = .array(solutionStepIDs.map { .integer($0) }) }
        set("subject", subjectStepID)
        set("subject_version", subjectVersion)
        set("analysis", analysisStepID)
        set("review", reviewStepID)
        set("coordination", coordinationStepID)
        set("synthesis", synthesisStepID)
        if !specialists.isEmpty { object["specialists"] = .array(specialists.map(\.json)) }
        if !load.isEmpty { object["load"] = Self.object(load) { .integer($0) } }
        if !planErrors.isEmpty { object["plan_errors"] = .strings(planErrors) }
        if !missing.isEmpty { object["missing"] = Self.object(missing) { .string($0) } }
        if let revisionRequest { object["revision_request"] = .string(revisionRequest) }
        if !revisionAreas.isEmpty { object["revision_areas"] = .strings(revisionAreas) }
        if prefersComplexModels { object["complex_models"] = true }
        return .object(object)
    }

    /// Reads the stored form; unknown members are ignored.
    public init(_ json: JSONValue) {
        self.init()
        solutionStepIDs = (json["solutions"]?.array ?? []).compactMap(\.int)
        subjectStepID = json["subject"]?.int
        subjectVersion = json["subject_version"]?.int
        analysisStepID = json["analysis"]?.int
        reviewStepID = json["review"]?.int
        coordinationStepID = json["coordination"]?.int
        synthesisStepID = json["synthesis"]?.int
        specialists = (json["specialists"]?.array ?? []).compactMap(SelectedSpecialist.init)
        for member in json["load"]?.object?.members ?? [] { load[member.key] = member.value.int }
        planErrors = json.strings("plan_errors")
        for member in json["missing"]?.object?.members ?? [] { missing[member.key] = member.value.string }
        revisionRequest = json["revision_request"]?.string
        revisionAreas = json.strings("revision_areas")
        prefersComplexModels = json["complex_models"]?.bool ?? false
    }

    /// Whether the prompt shows more than the step's own subtask: solutions are named after theirs, and scoping chooses
    /// among all.
    public func needsWholePlan(for kind: StepKind) -> Bool {
        !solutionStepIDs.isEmpty || kind == .revisionScoping
    }

    /// Every step whose solution or result has to be loaded for the prompt.
    public var referencedStepIDs: [Int] {
        solutionStepIDs
            + [subjectStepID, analysisStepID, reviewStepID, coordinationStepID, synthesisStepID].compactMap { $0 }
    }

    private static func object<Value>(_ values: [String: Value], _ convert: (Value) -> JSONValue) -> JSONValue {
        var object = JSONObject()
        for key in values.keys.sorted() { object[key] = values[key].map(convert) }
        return .object(object)
    }
}
