package import JSON

extension StepInput {
    /// The stored form; only what is there.
    package var json: JSONValue {
        var object = JSONObject()
        func set(_ key: String, _ value: Int?) { if let value { object[key] = .integer(value) } }
        func set(_ key: String, _ values: [Int]) {
            if !values.isEmpty { object[key] = .array(values.map { .integer($0) }) }
        }
        func set(_ key: String, _ values: [String]) { if !values.isEmpty { object[key] = .strings(values) } }
        set("solutions", solutionStepIDs)
        if !solutionReviewStepIDs.isEmpty {
            let named = solutionReviewStepIDs.map { (key: String($0.key), value: $0.value) }
            object["solution_reviews"] = Self.object(named) { .integer($0) }
        }
        set("dependencies", dependencyStepIDs)
        set("indirect", indirectStepIDs)
        set("subject", subjectStepID)
        set("subject_version", subjectVersion)
        set("rejected", rejectedStepID)
        set("analysis", analysisStepID)
        if !addedRequirements.isEmpty { object["added_requirements"] = .array(addedRequirements.map(\.json)) }
        set("reviews", reviewStepIDs)
        set("review", reviewStepID)
        set("coordination", coordinationStepID)
        set("synthesis", synthesisStepID)
        set("previous_analysis", previousAnalysisStepID)
        set("previous_answer", previousAnswerStepID)
        set("previous_coordination", previousCoordinationStepID)
        set("rejected_plan", rejectedPlanStepID)
        if !specialists.isEmpty { object["specialists"] = .array(specialists.map(\.json)) }
        if !load.isEmpty { object["load"] = Self.object(load.map { ($0.key, $0.value) }) { .integer($0) } }
        set("tried", tried)
        set("plan_errors", planErrors)
        if !missing.isEmpty { object["missing"] = Self.object(missing.map { ($0.key, $0.value) }) { .string($0) } }
        if !partial.isEmpty {
            object["partial"] = Self.object(partial.map { ($0.key, $0.value) }) { part in
                var entry: JSONObject = JSONObject()
                entry["reason"] = .string(part.reason)
                entry["review"] = part.reviewStepID.map { .integer($0) }
                return .object(entry)
            }
        }
        if let revisionRequest { object["revision_request"] = .string(revisionRequest) }
        set("revision_areas", revisionAreas)
        if prefersComplexModels { object["complex_models"] = true }
        if let preferredModel { object["model"] = .string(preferredModel) }
        if wantsShorter { object["shorter"] = true }
        return .object(object)
    }

    /// Reads the stored form; unknown members are ignored.
    package init(_ json: JSONValue) {
        self.init()
        func ints(_ key: String) -> [Int] { (json[key]?.array ?? []).compactMap(\.int) }
        func members(_ key: String) -> [JSONObject.Member] { json[key]?.object?.members ?? [] }
        solutionStepIDs = ints("solutions")
        for member in members("solution_reviews") {
            guard let id = Int(member.key), let review = member.value.int else { continue }
            solutionReviewStepIDs[id] = review
        }
        dependencyStepIDs = ints("dependencies")
        indirectStepIDs = ints("indirect")
        subjectStepID = json["subject"]?.int
        subjectVersion = json["subject_version"]?.int
        rejectedStepID = json["rejected"]?.int
        analysisStepID = json["analysis"]?.int
        addedRequirements = (json["added_requirements"]?.array ?? []).compactMap(Requirement.init)
        reviewStepIDs = ints("reviews")
        reviewStepID = json["review"]?.int
        coordinationStepID = json["coordination"]?.int
        synthesisStepID = json["synthesis"]?.int
        previousAnalysisStepID = json["previous_analysis"]?.int
        previousAnswerStepID = json["previous_answer"]?.int
        previousCoordinationStepID = json["previous_coordination"]?.int
        rejectedPlanStepID = json["rejected_plan"]?.int
        specialists = (json["specialists"]?.array ?? []).compactMap(SelectedSpecialist.init)
        for member in members("load") { load[member.key] = member.value.int }
        tried = json.strings("tried")
        planErrors = json.strings("plan_errors")
        for member in members("missing") { missing[member.key] = member.value.string }
        for member in members("partial") {
            partial[member.key] = PartialPart(
                reason: member.value["reason"]?.string ?? "", reviewStepID: member.value["review"]?.int)
        }
        revisionRequest = json["revision_request"]?.string
        revisionAreas = json.strings("revision_areas")
        prefersComplexModels = json["complex_models"]?.bool ?? false
        preferredModel = json["model"]?.string
        wantsShorter = json["shorter"]?.bool ?? false
    }

    private static func object<Value>(
        _ values: [(key: String, value: Value)], _ convert: (Value) -> JSONValue
    ) -> JSONValue {
        var object = JSONObject()
        for entry in values.sorted(by: { $0.key < $1.key }) { object[entry.key] = convert(entry.value) }
        return .object(object)
    }
}
