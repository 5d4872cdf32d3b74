/// When a section has to be in a prompt. A step whose section is missing although its need holds is not asked.
package enum InputNeed: String, Sendable, CaseIterable {
    /// Always.
    case required
    /// Shown if there is something to show.
    case optional
    case ifFullRevision = "if_full_revision"
    case ifRevision = "if_revision"
    case ifLoad = "if_load"
    case ifTried = "if_tried"
    case ifPlanErrors = "if_plan_errors"
    case ifConstraints = "if_constraints"
    case ifDependencies = "if_dependencies"
    case ifAttempts = "if_attempts"
    case ifEarlierVersion = "if_earlier_version"
    case ifRejected = "if_rejected"
    case ifFeedback = "if_feedback"
    case ifMissing = "if_missing"
    case ifPartial = "if_partial"
    case ifAggregation = "if_aggregation"
    case ifEarlierAggregation = "if_earlier_aggregation"
    case ifMustState = "if_must_state"
    case ifAnalysis = "if_analysis"
    case ifPlan = "if_plan"
    case ifEarlierAnswer = "if_earlier_answer"
    case ifEarlierRevisions = "if_earlier_revisions"

    /// Whether the workflow meant the section to be there.
    ///
    /// It asks the references, not the texts behind them: a text that is gone is what this is to find. What only the
    /// texts can tell (constraints, statements, load) is shown if there is any.
    package func holds(for step: ClaimedStep) -> Bool {
        let input = step.input
        return switch self {
        case .required: true
        case .optional, .ifLoad, .ifConstraints, .ifMustState, .ifPlan, .ifEarlierRevisions: false
        case .ifFullRevision: input.previousAnalysisStepID != nil
        case .ifRevision: input.revisionRequest != nil
        case .ifTried: !input.tried.isEmpty
        case .ifPlanErrors: !input.planErrors.isEmpty
        case .ifDependencies: !input.dependencyStepIDs.isEmpty
        case .ifAttempts: !input.reviewStepIDs.isEmpty
        case .ifEarlierVersion: input.subjectStepID != nil
        case .ifRejected: input.rejectedStepID != nil
        case .ifFeedback: input.reviewStepID != nil || input.wantsShorter
        case .ifMissing: !input.missing.isEmpty
        case .ifPartial: !input.partial.isEmpty
        case .ifAggregation: input.coordinationStepID != nil
        case .ifEarlierAggregation: input.previousCoordinationStepID != nil
        case .ifAnalysis: input.analysisStepID != nil
        case .ifEarlierAnswer: input.synthesisStepID != nil
        }
    }
}
