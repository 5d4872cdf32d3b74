import FleetCore
import PostgresClient

/// An operation whose row this transaction holds, so that nobody else carries it on meanwhile.
struct TakenOperation {
    let id: String
    private let model: String?
    private let hasCanary: Bool
    private let pace: ReplayPace
    private let session: PostgresSession

    /// Nil if it is not running, or somebody else has it.
    init?(id: String, session: PostgresSession) throws {
        let taken = try session.execute(OperationStatements.take, [.text(id)]).first { row in
            let (model, canary): (String?, Bool) = (try row("model"), try row("canary"))
            let (rate, elapsed, recent): (Int?, Double, Int) = (
                try row("rate_per_minute"), try row("elapsed"), try row("recent")
            )
            return (model, canary, ReplayPace(ratePerMinute: rate, elapsed: .seconds(elapsed), begun: recent))
        }
        guard let taken else { return nil }
        self.id = id
        self.session = session
        (model, hasCanary, pace) = taken
    }

    /// Begins as many as its rate and its canary allow, and ends it if nothing is left; a canary that has failed pauses
    /// it.
    ///
    /// - Parameters:
    ///   - canary: reads what has become of the one that went first; asked only if there is one.
    ///   - begin: begins at most so many and returns how many it has begun.
    /// - Returns: how many were begun.
    func carryOn(canary: () throws -> CanaryVerdict, begin: (Int) throws -> Int) throws -> Int {
        guard let room = try room(canary) else { return 0 }
        let begun = room > 0 ? try begin(room) : 0
        _ = try session.execute(OperationStatements.finish, [.text(id)])
        return begun
    }

    /// Nil after a canary that has failed.
    private func room(_ canary: () throws -> CanaryVerdict) throws -> Int? {
        guard hasCanary else { return pace.room }
        switch try canary() {
        case .passed: return pace.room
        case .send: return min(pace.room, 1)
        case .wait: return 0
        case .failed(let command):
            _ = try session.execute(OperationStatements.pauseAfterCanary, [.text(id), .text(command)])
            return nil
        }
    }

    /// The tasks that are there, locked.
    func tasks(_ ids: [String]) throws -> [String: (status: TaskStatus, isRequested: Bool)] {
        try session.execute(OperationStatements.tasks, [.textArray(ids)]).dictionary { row in
            (
                try row("task_id") as String,
                (status: try row.known("status") as TaskStatus, isRequested: try row("retry_requested") as Bool)
            )
        }
    }

    /// Asks that tasks try again what they have failed at, with the operation's model if it names one.
    func retry(_ ids: [String]) throws {
        guard !ids.isEmpty else { return }
        let expected: Double? = try session.execute(PostgresTaskRepository.Statements.medianDuration).only()
        _ = try session.execute(
            OperationStatements.retryTasks,
            [.textArray(ids), model.map { .text($0) } ?? .null, .float8(expected ?? 60)])
    }
}
