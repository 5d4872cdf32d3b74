import FleetCore

/// What happened to the rows, in order: what the oracle judges.
enum DatabaseEntry: Sendable, Hashable {
    case submitted(taskID: String)
    case created(stepID: Int, taskID: String, kind: StepKind, unacceptedDependencies: [String])
    case dispatched(stepIDs: [Int], overtaken: [Int])
    case claimed(stepID: Int, attempt: Int, worker: Int, at: Int)
    /// A settlement that took effect.
    case settled(stepID: Int, attempt: Int, state: StepState)
    /// A lease was taken away from a worker.
    case takenOver(stepID: Int, attempt: Int, worker: Int, at: Int)
    case reachedEnd(taskID: String, status: TaskStatus)
    case restarted(taskID: String)
    case progressFell(taskID: String, from: Int, to: Int)
    case cancelled(taskID: String)
    /// The task came to an end by itself; what its rows say of its answer then.
    case finished(taskID: String, as: String)
    /// A revision or a retry was cancelled; what the rows say of the answer now.
    case wentBack(taskID: String, to: String)
}
