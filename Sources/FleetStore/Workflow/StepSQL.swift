/// Pieces of SQL about steps that several statements have in common.
enum StepSQL {
    /// A condition over a step `s` that is running: no call of its present attempt was sent.
    static let isUncalled = isUncalled(of: "s")

    static func isUncalled(of step: String) -> String {
        "coalesce(\(step).limit_wait_attempt = \(step).attempt AND jsonb_typeof(\(step).limit_wait) = 'object', FALSE)"
    }

    /// A condition over a step `s` and its task `t`, outer joined: nobody wants the step any more. Its task was cancelled
    /// since the step was made, or is gone.
    static let isCancelled = "(t.task_id IS NULL OR t.cancel_epoch > s.cancel_epoch)"
}
