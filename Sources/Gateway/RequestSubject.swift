import Synchronization

/// The task that a request is about: told by its route to whoever logs and traces the request.
final class RequestSubject: Sendable {
    struct Task: Sendable {
        var id: String
        /// Of a task that was handed in, in microseconds since 1970-01-01 UTC.
        var createdAt: Int?
        /// Handed in, and it had been before.
        var isReplayed = false
        /// Of a task that the request has ended, when it was created.
        var endedTaskOf: Int?
    }

    private let state = Mutex<Task?>(nil)

    var task: Task? { state.withLock { $0 } }

    func isAbout(_ task: Task) { state.withLock { $0 = task } }
}
