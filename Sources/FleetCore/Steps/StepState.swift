/// Where a step is in its life.
///
///     ready -> dispatched -> running -> succeeded | failed | cancelled | dead
///       ^------- parked <-------'
///
/// A subtask whose dependencies are not accepted yet has no step: the workflow creates it on release.
package enum StepState: String, Sendable, CaseIterable {
    /// May be dispatched.
    case ready
    /// A ticket for it is at the broker.
    case dispatched
    /// A worker holds its lease.
    case running
    /// Waits for a point in time: back-off, or a reserved turn in a rate limit.
    case parked
    case succeeded
    /// The answer will not come: refused, invalid after repair, request rejected.
    case failed
    case cancelled
    /// Attempts ran out, or the step keeps killing its workers: a dead letter was recorded.
    case dead

    /// Nothing will change it any more, except an operator's replay.
    package var isTerminal: Bool {
        switch self {
        case .succeeded, .failed, .cancelled, .dead: true
        case .ready, .dispatched, .running, .parked: false
        }
    }
}
