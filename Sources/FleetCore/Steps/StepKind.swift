/// What a step asks its agent for. The raw value is also the name of the answer's schema.
package enum StepKind: String, Sendable, CaseIterable {
    case taskAnalysis = "task_analysis"
    case specialistSelection = "specialist_selection"
    case taskDecomposition = "task_decomposition"
    case subtaskExecution = "subtask_execution"
    case solutionReview = "solution_review"
    case coordination
    case synthesis
    case finalReview = "final_review"
    case revisionScoping = "revision_scoping"

    /// Which kind of agent performs it.
    package var role: AgentRole {
        switch self {
        case .taskAnalysis, .specialistSelection, .taskDecomposition, .solutionReview, .finalReview, .revisionScoping:
            .manager
        case .coordination: .coordinator
        case .synthesis: .analyst
        case .subtaskExecution: .specialist
        }
    }

    /// What its answer becomes in the `solutions` table; nil: the answer is kept as the step's result.
    package var solutionType: String? {
        switch self {
        case .subtaskExecution: "subtask"
        case .coordination: "coordination"
        case .synthesis: "synthesis"
        default: nil
        }
    }
}

/// The part an agent type plays in a task.
package enum AgentRole: String, Sendable, CaseIterable {
    case manager, coordinator, analyst, specialist
}
