/// A submission with the id and the owner it was given.
package struct NewTask: Sendable {
    /// Given before anything is written, so that a commit whose answer was lost can be tried again.
    package var id: String
    /// Its owner; the work of one user and batch shares the fleet fairly with that of others.
    package var userID: String
    /// Checked by ``TaskSubmission/validate(_:)``.
    package var submission: TaskSubmission

    /// Draws an id that nobody can guess, unless one is given.
    package init(id: String = RandomID.make("task_"), userID: String, submission: TaskSubmission) {
        self.id = id
        self.userID = userID
        self.submission = submission
    }
}

/// A task that is in the database. Times are microseconds since 1970-01-01 UTC.
package struct SubmittedTask: Sendable, Equatable {
    /// As in ``NewTask/id``.
    package var id: String
    /// The time of the transaction that wrote it.
    package var createdAt: Int
    /// A guess: what the last completed tasks have taken, from now.
    package var estimatedCompletion: Int

    package init(id: String, createdAt: Int, estimatedCompletion: Int) {
        self.id = id
        self.createdAt = createdAt
        self.estimatedCompletion = estimatedCompletion
    }
}
