import FleetCore
import PostgresClient

/// An advance, in three round trips from BEGIN to COMMIT: takes tasks in hand, loads and locks them, writes what was
/// decided and dispatches.
struct AdvanceTransaction {
    typealias Entry = (PostgresStatement, [PostgresValue])
    private typealias Statements = PostgresWorkflowStore.Statements

    private let session: PostgresSession
    private var taskIDs: [String] = []
    private var woken: Set<String> = []
    /// By task, what is wrong with its rows.
    private var unreadable: [String: String] = [:]
    private(set) var report = AdvanceReport()

    init(_ session: PostgresSession) { self.session = session }

    /// Step ids that the tasks in hand can need.
    var stepIDsWanted: Int { taskIDs.count * StepIDs.perTask }

    /// - Parameter intake: each row is a task, how many wake-ups of it were taken, and the lowest id of those; none and null
    ///   of a new task.
    /// - Returns: the lowest id of all.
    mutating func take(_ intake: [Entry]) throws -> Int? {
        var lowest: Int?
        for taken in try session.pipeline(intake) {
            try taken.forEach { row in
                let taskID: String = try row("task_id")
                let (wakeUps, first): (Int, Int?) = (try row("wake_ups"), try row("lowest"))
                if let first {
                    woken.insert(taskID)
                    report.wakeUps += wakeUps
                    lowest = min(lowest ?? first, first)
                } else {
                    report.admitted += 1
                    // Woken up as well: a database from before.
                    if woken.contains(taskID) { return }
                }
                taskIDs.append(taskID)
            }
        }
        return lowest
    }

    /// Locks the tasks in hand; those that somebody else is at are missing.
    mutating func load(_ stepIDs: StepIDReserve) throws -> [LoadedTask] {
        let keys = PostgresValue.textArray(taskIDs)
        let missing = Int32(stepIDs.blocksMissing(for: stepIDsWanted))
        let results = try session.pipeline([
            (Statements.lockTasks, [keys]), (Statements.loadSubtasks, [keys]), (Statements.loadSteps, [keys]),
            (Statements.loadRevisions, [keys]), (Statements.allocateStepIDs, [.int4(missing)]),
        ])
        stepIDs.add(blocksAt: try results[4].column())
        let (tasks, unreadable) = try SnapshotReader(
            tasks: results[0], subtasks: results[1], steps: results[2], revisions: results[3]
        ).read()
        self.unreadable = unreadable
        report.stalled = unreadable.sorted { $0.key < $1.key }.map { (taskID: $0.key, problem: $0.value) }
        return tasks
    }

    /// What there is to write.
    mutating func decide(_ tasks: [LoadedTask], _ stepIDs: StepIDReserve, _ decide: Decision) -> TransitionWriter {
        var writer = TransitionWriter()
        let found = Set(tasks.map(\.snapshot.task.id))
        // A new task is still there the next time; a wake-up has to be put back.
        let absent = taskIDs.filter { woken.contains($0) && !found.contains($0) && unreadable[$0] == nil }
        writer.postpone(absent)
        report.postponed = absent.count
        for task in tasks {
            guard let advance = decide(task.snapshot, { stepIDs.next() }) else { continue }
            writer.add(advance, to: task)
            report.advanced += 1
            report.newSteps += advance.newSteps.count
            if advance.task.state.isTerminal && !task.snapshot.task.state.isTerminal {
                let before = task.snapshot.task
                let age = before.revision == nil ? task.age : nil
                report.finished.append(
                    FinishedTask(
                        taskID: before.id, status: advance.status, priority: before.priority, age: age,
                        createdAt: age.map { task.now - Int(($0 / .microseconds(1)).rounded()) }))
            }
        }
        report.events = writer.events
        return writer
    }

    /// New steps are dispatched along.
    mutating func write(_ writer: TransitionWriter, dispatchLimit: Int) throws {
        var entries = writer.entries
        if !unreadable.isEmpty { entries.append((Statements.stalled, [.textArray(unreadable.keys.sorted())])) }
        if report.newSteps > 0 {
            entries.append(PostgresWorkflowStore.dispatchEntry(limitPerQueue: dispatchLimit))
        }
        guard !entries.isEmpty else { return }
        let results = try session.pipeline(entries, commits: true)
        if report.newSteps > 0, let rows = results.last { report.tickets = try PostgresWorkflowStore.tickets(rows) }
    }
}
