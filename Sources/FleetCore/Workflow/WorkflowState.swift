/// The thirteen states of a task's workflow, as the specification names them.
package enum WorkflowState: String, Sendable, CaseIterable {
    case pending
    case taskAnalysis = "task_analysis"
    case specialistSelection = "specialist_selection"
    case taskDecomposition = "task_decomposition"
    case specialistExecution = "specialist_execution"
    case managerReview = "manager_review"
    case revisionRequired = "revision_required"
    case coordination
    case synthesis
    case managerFinalReview = "manager_final_review"
    case completed
    case failed
    case cancelled

    /// Finished: only ``canRestart(at:)`` leads on.
    package var isTerminal: Bool { self == .completed || self == .failed || self == .cancelled }

    /// The state as events name it: `initialization` before the start, otherwise the raw value.
    package var nameInEvents: String { self == .pending ? TaskStage.initialization.rawValue : rawValue }

    /// The specification's stage of a task in this state; nil for those that it has no stage for: what failed or was
    /// cancelled stays at the stage that it had reached.
    package var stage: TaskStage? {
        switch self {
        case .pending: .initialization
        case .taskAnalysis: .taskAnalysis
        // The specification counts eight stages and thirteen states: planning ends the selection.
        case .specialistSelection, .taskDecomposition: .specialistSelection
        case .specialistExecution: .specialistExecution
        case .managerReview, .revisionRequired, .managerFinalReview: .managerReview
        case .coordination: .coordination
        case .synthesis: .synthesis
        case .completed: .completed
        case .failed, .cancelled: nil
        }
    }

    /// The states that may follow in the normal flow. Failure and cancellation are added by ``canMove(to:)``,
    /// a user's revision or retry of a finished task by ``canRestart(at:)``.
    package var successors: Set<WorkflowState> {
        switch self {
        case .pending: [.taskAnalysis]
        case .taskAnalysis: [.specialistSelection]
        case .specialistSelection: [.taskDecomposition]
        case .taskDecomposition: [.specialistExecution]
        case .specialistExecution: [.managerReview]
        case .managerReview: [.revisionRequired, .coordination]
        case .revisionRequired: [.specialistExecution]
        case .coordination: [.synthesis]
        case .synthesis: [.managerFinalReview]
        case .managerFinalReview: [.completed, .synthesis]
        case .completed, .failed, .cancelled: []
        }
    }

    /// Whether the workflow itself may go from this state to another.
    package func canMove(to next: WorkflowState) -> Bool {
        switch next {
        case .failed: !isTerminal
        case .cancelled: self != .completed && self != .failed && self != .cancelled
        default: successors.contains(next)
        }
    }

    /// Whether a revision or a retry may start a finished task again at a state.
    package func canRestart(at next: WorkflowState) -> Bool {
        switch self {
        case .completed, .failed:
            [.taskAnalysis, .specialistSelection, .taskDecomposition, .specialistExecution, .synthesis].contains(next)
        default: false
        }
    }

    /// Progress in percent when the state is entered; the execution states add what their subtasks have reached.
    package var baseProgress: Int {
        switch self {
        case .pending, .failed, .cancelled: 0
        case .taskAnalysis: 5
        case .specialistSelection: 10
        case .taskDecomposition: 15
        case .specialistExecution, .managerReview, .revisionRequired: 20
        case .coordination: 75
        case .synthesis: 85
        case .managerFinalReview: 95
        case .completed: 100
        }
    }
}

/// The `current_stage` column of a task: exactly the specification's values. The finer ``WorkflowState`` is shown
/// beside it.
package enum TaskStage: String, Sendable, CaseIterable {
    case initialization
    case taskAnalysis = "task_analysis"
    case specialistSelection = "specialist_selection"
    case specialistExecution = "specialist_execution"
    case coordination
    case synthesis
    case managerReview = "manager_review"
    case completed
}

/// The `status` column of a task: what its owner sees.
package enum TaskStatus: String, Sendable, CaseIterable {
    case pending
    case inProgress = "in_progress"
    case coordination
    case synthesis
    case managerReview = "manager_review"
    case completed
    /// Finished with stated limitations: some parts failed or stayed below the bar.
    case partialCompletion = "partial_completion"
    case failed
    case cancelled
    case revisionPending = "revision_pending"
    case revisionInProgress = "revision_in_progress"

    /// Finished, and no revision is asked for.
    package var isTerminal: Bool {
        switch self {
        case .completed, .partialCompletion, .failed, .cancelled: true
        default: false
        }
    }

    /// The status of a task in a workflow state.
    ///
    /// - Parameters:
    ///   - isRevision: a user's revision is being worked on.
    ///   - isPartial: the result has limitations.
    package init(_ state: WorkflowState, isRevision: Bool, isPartial: Bool) {
        switch state {
        case .completed: self = isPartial ? .partialCompletion : .completed
        case .failed: self = .failed
        case .cancelled: self = .cancelled
        case _ where isRevision: self = .revisionInProgress
        case .pending: self = .pending
        case .taskAnalysis, .specialistSelection, .taskDecomposition, .specialistExecution, .revisionRequired:
            self = .inProgress
        case .managerReview, .managerFinalReview: self = .managerReview
        case .coordination: self = .coordination
        case .synthesis: self = .synthesis
        }
    }
}
