package import FleetCore
import JSON

/// A claimed step with everything that its prompt needs, for tests that are not about prompts.
package enum SampleStep {
    /// The first version of a subtask, `sub_1` of `task_1`, by the data scientist; it serves R1.
    ///
    /// - Parameters:
    ///   - failures: of the step so far.
    ///   - description: of the task.
    package static func execution(
        stepID: Int = 7, failures: Int = 0, description: String = "What has to be done, at length."
    ) -> ClaimedStep {
        var input = StepInput()
        input.analysisStepID = 1
        let analysis: JSONValue = [
            "summary": "A task.", "constraints": [],
            "requirements": [["id": "R1", "text": "One.", "level": "must", "check": ""]],
        ]
        let subtask = PromptMaterial.Subtask(
            id: "sub_1", key: "s1", specialist: "data_scientist", title: "Part 1", description: "Do it.",
            deliverable: "A text.", covers: ["R1"])
        return ClaimedStep(
            stepID: stepID, attempt: 1, kind: .subtaskExecution, agentType: "data_scientist", taskID: "task_1",
            subtaskID: "sub_1", failures: failures, throttles: 0, holdsTurn: false, input: input,
            material: PromptMaterial(
                taskTitle: "T", taskDescription: description, taskContext: nil, subtasks: [subtask],
                results: [1: analysis.serialized()]))
    }

    /// An answer to it that breaks no rule.
    package static let answer = #"{"content":"A solution.","key_findings":["It holds."],"confidence":0.5}"#
}
