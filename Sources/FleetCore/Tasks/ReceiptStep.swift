/// What a receipt says of a step besides its calls.
package struct ReceiptStep: Sendable, Equatable {
    /// What makes two steps the same work: kind and subtask.
    struct Work: Hashable {
        var kind: String
        var subtaskID: String?
    }

    package var id: Int
    /// A ``StepKind``, as it is stored.
    package var kind: String
    /// Who was asked.
    package var agentType: String
    /// A ``StepState``, as it is stored.
    package var state: String
    /// Nil for a step of the task as a whole.
    package var subtaskID: String?
    /// The subtask's name within its plan: `s1`.
    package var subtaskKey: String?
    /// The subtask's short name.
    package var subtaskTitle: String?
    /// What its prompt was made of.
    package var input: StepInput
    /// Verdict on the solution that it was to improve, as it is stored; nil: there is none.
    package var subjectVerdict: String?

    package init(
        id: Int, kind: String, agentType: String, state: String, subtaskID: String? = nil, subtaskKey: String? = nil,
        subtaskTitle: String? = nil, input: StepInput = StepInput(), subjectVerdict: String? = nil
    ) {
        self.id = id
        self.kind = kind
        self.agentType = agentType
        self.state = state
        self.subtaskID = subtaskID
        self.subtaskKey = subtaskKey
        self.subtaskTitle = subtaskTitle
        self.input = input
        self.subjectVerdict = subjectVerdict
    }

    /// Version of the solution or answer that it was to write or to review; nil if it is about none.
    package var version: Int? {
        switch StepKind(rawValue: kind) {
        case .subtaskExecution, .synthesis: (input.subjectVersion ?? 0) + 1
        case .solutionReview, .finalReview: input.subjectVersion
        default: nil
        }
    }

    var work: Work { Work(kind: kind, subtaskID: subtaskID) }

    /// Why it was made although there had been one for the same work; nil if there had been none.
    func again(after earlier: ReceiptStep?) -> TaskReceipt.Again? {
        guard let earlier else { return nil }
        if earlier.state != StepState.succeeded.rawValue { return .failed }
        if input.rejectedStepID != nil { return .rejected }
        if !input.planErrors.isEmpty { return .planRejected }
        if input.wantsShorter { return .tooLong }
        switch StepKind(rawValue: kind) {
        case .subtaskExecution where input.reviewStepID != nil:
            // The best of several versions counts as accepted in the end, whatever its first verdict was.
            return subjectVerdict == ReviewVerdict.rejected.rawValue ? .rejected : .needsRevision
        case .synthesis where input.reviewStepID != nil: return .sentBack
        case .solutionReview, .finalReview: return .newVersion
        default: return .reopened
        }
    }
}
