import FleetCore
import Foundation

/// What may go wrong with a task besides the twin's own faults, so that every section of every kind has its occasion.
enum Misfortunes {
    /// What becomes of the twin's answers.
    static func alter(_ request: ModelRequest, _ answer: String) -> String {
        switch request.schema.name {
        case StepKind.taskDecomposition.rawValue where !request.prompt.contains("<plan_errors>"):
            // A plan that does not compile: the manager has to mend it.
            guard let start = answer.firstRange(of: #""assigned_specialist":""#)?.upperBound,
                let end = answer[start...].firstIndex(of: "\"")
            else { return answer }
            return answer.replacingCharacters(in: start..<end, with: "nobody")
        case StepKind.solutionReview.rawValue:
            // s1 stays below the bar; s2 is rejected, whoever solves it.
            if request.prompt.contains(#"<subtask key="s1""#) { return review(request.prompt, score: 6) }
            return request.prompt.contains(#"<subtask key="s2""#) ? review(request.prompt, score: 3) : answer
        case StepKind.finalReview.rawValue where request.prompt.contains(#"<answer version="1">"#):
            let checks = requirements(in: request.prompt).map { #"{"id":"\#($0)","met":"yes","place":"Sections"}"# }
            return #"{"requirement_checks":[\#(checks.joined(separator: ","))],"limitation_checks":[],"strengths":[],"#
                + #""weaknesses":[],"approved":false,"feedback":"Say the main point first.","revision_requests":"#
                + #"[{"id":"Q1","text":"Say the main point first."}]}"#
        default: return answer
        }
    }

    /// Nobody solves the last subtask of a plan of more than three.
    static func fails(_ step: ClaimedStep) -> Bool {
        guard step.kind == .subtaskExecution, step.material.subtasks.count > 3 else { return false }
        return step.subtaskID == step.material.subtasks.last?.id
    }

    private static func review(_ prompt: String, score: Int) -> String {
        let checks = requirements(in: prompt).map { #"{"id":"\#($0)","met":"partly","place":"Result"}"# }
        return #"{"requirement_checks":[\#(checks.joined(separator: ","))],"request_checks":[],"strengths":[],"#
            + #""weaknesses":[{"place":"Result","text":"The basis is not given.","severity":"major"}],"#
            + #""scores":{"completeness":\#(score),"accuracy":\#(score),"relevance":\#(score),"quality":\#(score)},"#
            + #""certainty":0.9,"revision_requests":[{"id":"Q1","text":"Give the basis of the result."}],"#
            + #""feedback":"The basis is not given."}"#
    }

    private static func requirements(in prompt: String) -> [String] {
        (1...20).map { "R\($0)" }.filter { prompt.contains("\"\($0)\"") }
    }
}
