package import FleetCore
import JSON

/// The texts behind the harness's rows: what a worker would load with a step.
extension WorkflowHarness {
    /// A step as a worker gets it, with the texts of everything that it refers to.
    package func claimed(_ step: NewStep) -> ClaimedStep {
        var material = PromptMaterial(
            taskTitle: title, taskDescription: description, taskContext: context?.serialized())
        if StepInput.needsPlan(step.kind) {
            material.subtasks = snapshot.subtasks.map { record in
                let node = nodes[record.id]
                let isShown = record.id == step.subtaskID || step.kind == .revisionScoping
                return PromptMaterial.Subtask(
                    id: record.id, key: record.key, specialist: record.specialist, title: record.title,
                    description: isShown ? node?.description ?? "" : "",
                    deliverable: isShown ? node?.deliverable ?? "" : "", covers: record.covers,
                    priority: record.priority, isComplex: record.isComplex, status: record.status.rawValue,
                    score: record.bestScore)
            }
        }
        if step.kind == .revisionScoping { material.earlierRevisions = earlierRevisions }
        for id in step.input.referencedStepIDs {
            guard let kind = created.first(where: { $0.id == id })?.kind, let answer = answers[id] else { continue }
            if kind.solutionType == nil {
                material.results[id] = answer.serialized()
            } else {
                material.solutions[id] = solution(id, kind, answer)
            }
        }
        return ClaimedStep(
            stepID: step.id, attempt: 1, kind: step.kind, agentType: step.agentType, taskID: snapshot.task.id,
            subtaskID: step.subtaskID, failures: 0, throttles: 0, holdsTurn: false, input: step.input,
            material: material)
    }

    private func solution(_ id: Int, _ kind: StepKind, _ answer: JSONValue) -> PromptMaterial.Solution {
        let step = created.first { $0.id == id }
        let version = (step?.input.subjectVersion ?? 0) + 1
        guard kind == .subtaskExecution, var details = answer.object else {
            return PromptMaterial.Solution(subtaskID: nil, content: answer.serialized(), version: version)
        }
        let content = details["content"]?.string ?? ""
        details["content"] = nil
        if let verdict = verdicts.last(where: { $0.stepID == id && $0.score != nil }) {
            details["score"] = verdict.score.map { .double($0) }
        }
        details["partial"] = .bool(verdicts.last { $0.stepID == id }?.isPartial ?? false)
        return PromptMaterial.Solution(
            subtaskID: step?.subtaskID, content: content, version: version, agentType: step?.agentType,
            metadata: JSONValue.object(details).serialized())
    }
}
