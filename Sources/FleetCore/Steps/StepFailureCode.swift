/// Why a step failed, where the workflow has an answer to it. The raw value begins the step's error.
package enum StepFailureCode: String, Sendable, CaseIterable {
    /// A section that its manifest requires has no text behind it.
    case inputMissing = "input_missing"
    /// The sections that must not be cut do not fit any of the agent's models.
    case promptTooLarge = "prompt_too_large"
}

extension StepRecord {
    /// Whether the step failed for that reason.
    package func failed(as code: StepFailureCode) -> Bool {
        state == .failed && error?.hasPrefix("\(code.rawValue):") == true
    }
}
