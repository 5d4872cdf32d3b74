extension StepOutcome {
    /// What an outcome makes of its step's row, unless the step's task was cancelled meanwhile.
    package struct Effect: Sendable, Equatable {
        package var state: StepState
        /// Until the step may be tried again; nil: it is not parked.
        package var delay: Duration?
        package var waitReason: WaitReason?
        package var error: String?
        /// Added to the step's count of failed attempts.
        package var failures = 0
        /// Added to the step's count of providers' refusals for want of capacity.
        package var throttles = 0
        /// Kept as the step's result or solution.
        package var answer: Answer?

        fileprivate init(_ state: StepState) { self.state = state }
    }

    /// The one place that says so: whoever writes rows follows it.
    package var effect: Effect {
        switch self {
        case .succeeded(let answer):
            var effect = Effect(.succeeded)
            effect.answer = answer
            return effect
        case .retry(let delay, let reason, let error, let countsAsFailure):
            var effect = Effect(.parked)
            effect.delay = delay
            effect.waitReason = reason
            effect.error = error
            effect.failures = countsAsFailure ? 1 : 0
            effect.throttles = isThrottle ? 1 : 0
            return effect
        case .handedBack: return Effect(.ready)
        case .failed(let error):
            var effect = Effect(.failed)
            effect.error = error
            return effect
        case .dead(let error):
            var effect = Effect(.dead)
            effect.error = error
            effect.failures = 1
            return effect
        case .cancelled: return Effect(.cancelled)
        }
    }
}
