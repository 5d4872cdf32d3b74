/// What fills a section of a prompt. The names are those of the manifest.
package enum InputSource: String, Sendable, CaseIterable {
    case task
    case revision
    case analysis
    case previousAnalysis = "previous_analysis"
    case previousAnswer = "previous_answer"
    /// Every specialist of the agent catalogue.
    case catalogue
    case load
    case tried
    /// The specialists chosen for the task.
    case selection
    case limits
    case rejectedPlan = "rejected_plan"
    case planErrors = "plan_errors"
    /// All requirements of the task.
    case requirements
    /// Those of the step's subtask.
    case coveredRequirements = "covered_requirements"
    case constraints
    /// Keys, titles and specialists of the whole plan.
    case outline
    case dependencies
    case subtask
    /// All subtasks of the plan with what came of them.
    case plan
    case attempts
    /// The solution to improve or to judge.
    case subject
    case rejected
    case feedback
    /// The accepted solutions.
    case solutions
    case missing
    case partial
    case aggregation
    case previousAggregation = "previous_aggregation"
    /// What the aggregation found wanting or contradictory.
    case mustState = "must_state"
    case answer
    case earlierRevisions = "earlier_revisions"

    /// Elements inside the section that a prompt file may name.
    package var innerTags: Set<String> {
        switch self {
        case .task: ["title", "description", "context"]
        case .revision: ["area"]
        case .previousAnswer: ["executive_summary", "limitation"]
        case .catalogue, .selection, .tried: ["specialist"]
        case .load: ["waiting"]
        case .planErrors: ["error"]
        case .requirements, .coveredRequirements: ["requirement", "check"]
        case .constraints: ["constraint"]
        case .outline: ["part"]
        case .dependencies: Self.solutionTags
        case .subtask: ["title", "description", "deliverable"]
        case .plan: ["title", "description", "deliverable", "key_findings", "finding"]
        case .attempts: ["attempt", "request"]
        case .subject: Self.solutionTags.union(["covers", "cover", "open_points", "point"])
        case .rejected: ["key_findings", "finding", "heading"]
        case .feedback: ["request"]
        case .solutions: Self.solutionTags.union(["covers", "cover", "weaknesses", "weakness"])
        case .partial: ["weakness"]
        case .mustState: ["statement"]
        case .earlierRevisions: ["revision"]
        case .analysis, .previousAnalysis, .limits, .rejectedPlan, .missing, .aggregation, .previousAggregation,
            .answer:
            []
        }
    }

    private static let solutionTags: Set<String> = [
        "key_findings", "finding", "assumptions", "assumption", "sources", "source", "content",
    ]
}
