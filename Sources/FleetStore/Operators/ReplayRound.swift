import FleetCore
import PostgresClient

/// One look at a replay: notes what has become of the letters that were begun, and begins those that are due.
struct ReplayRound {
    private let session: PostgresSession
    private let taken: TakenOperation
    private var id: String { taken.id }

    /// Locks the operation; nil if it is not running, or somebody else has it.
    init?(id: String, session: PostgresSession) throws {
        guard let taken = try TakenOperation(id: id, session: session) else { return nil }
        self.session = session
        self.taken = taken
    }

    /// - Returns: how many letters were begun.
    func run() throws -> Int {
        try noteResults()
        return try taken.carryOn(canary: canary, begin: begin)
    }

    private func canary() throws -> CanaryVerdict {
        try session.execute(OperationStatements.canary, [.text(id)]).one { row in
            CanaryVerdict(
                done: try row("done"), failed: (try row("failed") as Int?).map { "dlq show \($0)" },
                begun: try row("begun"))
        }
    }

    private struct Result {
        var letter: Int
        var state: ReplayState
        var note: String?
        var resolution: String?
    }

    private func noteResults() throws {
        let results: [Result?] = try session.execute(OperationStatements.begun, [.text(id)]).map { row in
            let (letter, succeeded, diedAgain): (Int, Bool, Bool) = (
                try row("dead_letter_id"), try row("succeeded"), try row("died_again")
            )
            let status: TaskStatus? = try row.ifKnown("status")
            let state = ReplayStep.result(
                status: status, isAtWork: try row("is_at_work"), succeeded: succeeded, diedAgain: diedAgain)
            switch state {
            case nil, .queued, .begun: return nil
            case .done: return Result(letter: letter, state: .done, resolution: succeeded ? "succeeded" : "superseded")
            case .failed:
                return Result(
                    letter: letter, state: .failed, note: diedAgain ? "it died again" : "its task ended without it",
                    resolution: diedAgain ? "died_again" : nil)
            case .skipped:
                return Result(
                    letter: letter, state: .skipped, note: "its task was cancelled meanwhile", resolution: "cancelled")
            }
        }
        try note(results.compactMap(\.self))
    }

    private func note(_ results: [Result]) throws {
        guard !results.isEmpty else { return }
        _ = try session.execute(
            OperationStatements.noteResults,
            [
                .int8Array(results.map(\.letter)), .textArray(results.map(\.state.rawValue)),
                .textArray(results.map(\.note)), .textArray(results.map(\.resolution)),
            ])
    }

    private func begin(_ room: Int) throws -> Int {
        let letters: [(id: Int, taskID: String?)] = try session.execute(
            OperationStatements.queued, [.text(id), .int8(room)]
        ).map { (id: try $0("dead_letter_id"), taskID: try $0("task_id")) }
        guard !letters.isEmpty else { return 0 }
        let tasks = try taken.tasks(letters.compactMap(\.taskID))
        var (retries, begun, waiting): (Set<String>, [Int], [Int]) = ([], [], [])
        var skipped: [Result] = []
        for letter in letters {
            let task = letter.taskID.flatMap { tasks[$0] }
            let isRequested = task?.isRequested == true || letter.taskID.map { retries.contains($0) } == true
            switch ReplayStep(status: task?.status, isRetryRequested: isRequested) {
            case .retry:
                if let taskID = letter.taskID { retries.insert(taskID) }
                begun.append(letter.id)
            case .join: begun.append(letter.id)
            case .wait: waiting.append(letter.id)
            case .skip(let why):
                skipped.append(Result(letter: letter.id, state: .skipped, note: why, resolution: "superseded"))
            }
        }
        try taken.retry(retries.sorted())
        if !begun.isEmpty { _ = try session.execute(OperationStatements.noteBegun, [.int8Array(begun)]) }
        if !waiting.isEmpty { _ = try session.execute(OperationStatements.noteWaiting, [.int8Array(waiting)]) }
        try note(skipped)
        return begun.count
    }
}
