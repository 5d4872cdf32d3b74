extension StepOutcome {
    /// What metrics, spans and logs call it: of few different values, and nothing of what was said.
    package var label: String {
        switch self {
        case .succeeded: "succeeded"
        case .retry(_, let reason, _, _): reason.rawValue
        case .handedBack: "handed_back"
        case .failed: "failed"
        case .dead: "dead"
        case .cancelled: "cancelled"
        }
    }
}
