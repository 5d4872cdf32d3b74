/// Pieces of SQL about steps that several statements have in common.
enum StepSQL {
    /// A condition over a step `s` and its task `t`, outer joined: nobody wants the step any more. Its task was cancelled
    /// since the step was made, or is gone.
    static let isCancelled = "(t.task_id IS NULL OR t.cancel_epoch > s.cancel_epoch)"
}
