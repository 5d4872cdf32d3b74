/// A submission with the id and the owner it was given.
package struct NewTask: Sendable {
    /// Given before anything is written, so that a commit whose answer was lost can be tried again.
    package var id: String
    /// Its owner; the work of one user and batch shares the fleet fairly with that of others.
    package var userID: String
    /// Checked by ``TaskSubmission/validate(_:)``.
    package var submission: TaskSubmission
    /// What the id is made of instead, in a batch; it may be there already.
    package private(set) var key: BatchTaskKey?
    /// Of its batch, if that is new; nil: the usual ones.
    package var batchOptions: BatchOptions?

    /// Makes an id that nobody can guess, unless one is given.
    package init(id: String = TimedID.make("task_"), userID: String, submission: TaskSubmission) {
        self.id = id
        self.userID = userID
        self.submission = submission
    }

    /// In a batch the id is made of the task's key, so that handing it in again adds nothing: see ``BatchTaskKey``.
    ///
    /// - Parameter occurrence: which one of its content it is; nil: it is not compared with others of its content.
    package init(userID: String, keyed submission: TaskSubmission, occurrence: Int?) {
        self.init(userID: userID, submission: submission)
        guard let batch = submission.batch, submission.customID != nil || occurrence != nil else { return }
        key = BatchTaskKey(user: userID, batch: batch, submission, occurrence: occurrence ?? 1)
    }

    /// What was handed in under a name of its owner's; nil if there is no name that another content could have.
    package var contentKey: String? {
        key != nil && submission.customID != nil ? BatchTaskKey.content(submission) : nil
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
    /// It was there before.
    package var isReplayed = false
    /// What is there under its name has another content: it was not taken.
    package var differs = false

    package init(id: String, createdAt: Int, estimatedCompletion: Int) {
        self.id = id
        self.createdAt = createdAt
        self.estimatedCompletion = estimatedCompletion
    }
}
