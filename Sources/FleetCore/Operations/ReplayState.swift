/// How far a dead letter is in the replay that has taken it.
package enum ReplayState: String, Sendable, CaseIterable {
    case queued
    /// Its task tries its failed parts again.
    case begun
    case done
    /// It died again, or its task ended without it.
    case failed
    /// There was nothing to be tried again.
    case skipped
}

/// What a replay does with a letter, by what has become of its task.
package enum ReplayStep: Sendable, Equatable {
    /// The task tries its failed parts again.
    case retry
    /// Such a retry is under way already: the letter is part of it.
    case join
    /// The task is still at work; another specialist may be solving it. The letter stays queued.
    case wait
    /// There is nothing to be tried again.
    case skip(String)

    /// - Parameters:
    ///   - status: of the task; nil if there is none any more.
    ///   - isRetryRequested: its owner, or another letter, has asked for a retry that has not begun.
    package init(status: TaskStatus?, isRetryRequested: Bool) {
        switch status {
        case nil: self = .skip("its task is gone")
        case .cancelled: self = .skip("its task was cancelled")
        case .completed: self = .skip("its task is completed without it")
        case .failed, .partialCompletion: self = isRetryRequested ? .join : .retry
        case .pending, .inProgress, .coordination, .synthesis, .managerReview, .revisionPending, .revisionInProgress:
            self = .wait
        }
    }

    /// How a letter whose replay has begun stands now; nil: the task is still at it.
    ///
    /// - Parameters:
    ///   - status: of the task; nil if there is none any more.
    ///   - isAtWork: it is not at its end, or a retry is about to begin.
    ///   - succeeded: a step for the same work has succeeded since the letter was written.
    ///   - diedAgain: there is a newer letter for the same work.
    package static func result(status: TaskStatus?, isAtWork: Bool, succeeded: Bool, diedAgain: Bool) -> ReplayState? {
        guard let status, status != .cancelled else { return .skipped }
        if succeeded { return .done }
        if diedAgain { return .failed }
        if isAtWork { return nil }
        return status == .completed ? .done : .failed
    }
}
