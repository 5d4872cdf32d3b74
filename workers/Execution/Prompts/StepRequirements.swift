import FleetCore
import JSON

/// The requirements of a step's task, as its prompt shows them and its answer is held against.
struct StepRequirements: Sendable {
    /// All of the task: those of the analysis, then those that a revision added.
    let all: [Requirement]
    /// Those of the step's subtask; all for a step of the task as a whole.
    let served: [Requirement]
    /// What the user gave as limits.
    let constraints: [String]
    private let analysisWithAdded: JSONObject?

    /// The analysis, with the added requirements, as canonical JSON text; nil if there is none.
    var analysis: String? { analysisWithAdded.map { JSONValue.object($0).serialized(sortedKeys: true) } }

    init(_ step: ClaimedStep) {
        let text = step.input.analysisStepID.flatMap { step.material.results[$0] }
        guard let text, let value = try? JSONValue(parsing: text), var object = value.object else {
            // If the analysis is gone, what a revision added to it is not the whole.
            all = []
            served = []
            constraints = []
            analysisWithAdded = nil
            return
        }
        let stated = value["requirements"]?.array ?? []
        let all = stated.compactMap(Requirement.init) + step.input.addedRequirements
        self.all = all
        constraints = value.strings("constraints")
        if !step.input.addedRequirements.isEmpty {
            object["requirements"] = .array(stated + step.input.addedRequirements.map(\.json))
        }
        analysisWithAdded = object
        let subtask = step.material.subtasks.first { $0.id == step.subtaskID }
        served = subtask.map { all.served(by: $0.covers, key: $0.key) } ?? all
    }
}
