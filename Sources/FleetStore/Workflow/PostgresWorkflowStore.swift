package import FleetCore
package import PostgresClient
import Synchronization

/// The scheduler's side of the rows, on PostgreSQL.
///
/// An advance of many tasks is one transaction of three round trips: take the wake-ups, load and lock, write and
/// dispatch. Every write is one statement for all tasks of the batch.
package final class PostgresWorkflowStore: WorkflowStore {
    let pool: PostgresPool
    private let stepIDs = Mutex(StepIDs())
    /// The last task that the sweep for idle tasks has looked at; empty: begins anew.
    let idleCursor = Mutex("")
    private let wakeUpCursor = Mutex(WakeUpCursor(at: .now))

    /// One per process: it keeps step ids in hand and remembers how far the sweep has looked.
    package init(pool: PostgresPool) {
        self.pool = pool
    }

    /// `decide` runs on the connection's thread, and again after a deadlock or a refusal: it must have no effects. Step
    /// ids that it took before then stay unused.
    package func advance(
        limit: Int, dispatchLimit: Int,
        _ decide: @escaping @Sendable (TaskSnapshot, @escaping @Sendable () -> Int) -> Advance?
    ) async throws -> AdvanceReport {
        do {
            let start = wakeUpCursor.withLock { $0.begin(at: .now) }
            return try await advance(
                [
                    (Statements.takeWakeUps, [.int4(Int32(limit)), .int8(start)]),
                    AdmissionStatements.admit(limit: limit),
                ], dispatchLimit: dispatchLimit, decide)
        } catch let error as PostgresError where error.isRefusal {
            return try await advanceOneByOne(limit: limit, dispatchLimit: dispatchLimit, decide)
        }
    }

    /// Each task in a transaction of its own; one whose changes are refused loses its wake-ups until the next sweep, and a
    /// new one its place.
    private func advanceOneByOne(
        limit: Int, dispatchLimit: Int,
        _ decide: @escaping @Sendable (TaskSnapshot, @escaping @Sendable () -> Int) -> Advance?
    ) async throws -> AdvanceReport {
        typealias Candidate = (taskID: String, wakeUps: [Int])
        let candidates = try await pool.withSession { session in
            let results = try session.pipeline([
                (Statements.nextWakeUps, [.int4(Int32(limit))]), AdmissionStatements.admit(limit: limit),
            ])
            let woken = try results[0].map { row -> Candidate in (try row("task_id"), try row("wake_ups")) }
            let new = try results[1].map { row -> Candidate in
                let taskID: String = try row("task_id")
                row.skipRest()
                return (taskID, [])
            }
            return woken + new
        }
        var report = AdvanceReport()
        for (taskID, ids) in candidates {
            let intake =
                ids.isEmpty
                ? (AdmissionStatements.admitThis, [PostgresValue.text(taskID)])
                : (Statements.takeTheseWakeUps, [.int8Array(ids)])
            do {
                report.merge(try await advance([intake], dispatchLimit: dispatchLimit, decide))
            } catch let error as PostgresError where error.isRefusal {
                report.wakeUps += ids.count
                report.admitted += ids.isEmpty ? 1 : 0
                report.setAside.append((taskID, error.description))
            } catch {
                // What was done before has to be published; the rest is still there for the next round.
                guard !report.isEmpty else { throw error }
                break
            }
        }
        let refused = report.setAside.map(\.taskID)
        guard !refused.isEmpty else { return report }
        let ids = candidates.filter { refused.contains($0.taskID) }.flatMap(\.wakeUps)
        // If this fails, they only come again at once instead of with the next sweep.
        try? await pool.withSession { session in
            _ = try session.pipeline([
                (Statements.takeTheseWakeUps, [.int8Array(ids)]), (Statements.setAside, [.textArray(refused)]),
            ])
        }
        return report
    }

    /// - Parameter intake: statements that take tasks in hand; each row is a task, how many wake-ups of it were taken, and
    ///   the lowest id of those; none and null of a new task.
    private func advance(
        _ intake: [(PostgresStatement, [PostgresValue])], dispatchLimit: Int,
        _ decide: @escaping @Sendable (TaskSnapshot, @escaping @Sendable () -> Int) -> Advance?
    ) async throws -> AdvanceReport {
        try await pool.transaction { session in
            var report = AdvanceReport()
            var taskIDs: [String] = []
            var woken: Set<String> = []
            for taken in try session.pipeline(intake) {
                try taken.forEach { row in
                    let taskID: String = try row("task_id")
                    let (wakeUps, lowest): (Int, Int?) = (try row("wake_ups"), try row("lowest"))
                    if let lowest {
                        woken.insert(taskID)
                        report.wakeUps += wakeUps
                        self.wakeUpCursor.withLock { $0.took(lowest: lowest) }
                    } else {
                        report.admitted += 1
                        // Woken up as well: a database from before.
                        if woken.contains(taskID) { return }
                    }
                    taskIDs.append(taskID)
                }
            }
            guard !taskIDs.isEmpty else { return report }

            // Nobody else takes from what this advance has in hand.
            let wanted = taskIDs.count * StepIDs.perTask
            let stepIDs = Mutex(self.stepIDs.withLock { $0.take(wanted) })
            defer {
                let left = stepIDs.withLock { $0 }
                self.stepIDs.withLock { $0.add(left) }
            }
            let missing = stepIDs.withLock { $0.blocksMissing(for: wanted) }
            let keys = PostgresValue.textArray(taskIDs)
            let loaded = try session.pipeline([
                (Statements.lockTasks, [keys]), (Statements.loadSubtasks, [keys]), (Statements.loadSteps, [keys]),
                (Statements.loadRevisions, [keys]), (Statements.allocateStepIDs, [.int4(Int32(missing))]),
            ])
            try stepIDs.withLock { stepIDs in
                for first: Int in try loaded[4].column() { stepIDs.add(blockAt: first) }
            }
            let (tasks, unreadable) = try SnapshotReader(
                tasks: loaded[0], subtasks: loaded[1], steps: loaded[2], revisions: loaded[3]
            ).read()
            report.setAside = unreadable.sorted { $0.key < $1.key }.map { (taskID: $0.key, problem: $0.value) }

            var writer = AdvanceWriter()
            let found = Set(tasks.map(\.snapshot.task.id))
            // A new task is still there the next time; a wake-up has to be put back.
            let absent = taskIDs.filter { woken.contains($0) && !found.contains($0) && unreadable[$0] == nil }
            writer.postpone(absent)
            report.postponed = absent.count
            for loadedTask in tasks {
                let advance = decide(loadedTask.snapshot) { stepIDs.withLock { $0.next() } }
                guard let advance else { continue }
                writer.add(advance, to: loadedTask)
                report.advanced += 1
                report.newSteps += advance.newSteps.count
                if advance.task.state.isTerminal && !loadedTask.snapshot.task.state.isTerminal {
                    report.finished.append(advance.status)
                }
            }
            var entries = writer.entries
            if !unreadable.isEmpty { entries.append((Statements.setAside, [.textArray(unreadable.keys.sorted())])) }
            if report.newSteps > 0 { entries.append(Self.dispatchEntry(limitPerQueue: dispatchLimit)) }
            if !entries.isEmpty {
                let results = try session.pipeline(entries)
                if report.newSteps > 0, let rows = results.last { report.tickets = try Self.tickets(rows) }
            }
            report.events = writer.announcements
            return report
        }
    }

    /// Ready, dispatched, running and parked steps as the last sweep has counted them, at most some seconds ago; what has
    /// none is left out.
    package func load() async throws -> [QueueLoad] {
        try await pool.withSession { session in
            let rows = try session.execute(Statements.load)
            return try rows.map { row -> QueueLoad? in
                let (agentType, steps): (String, Int) = (try row("agent_type"), try row("steps"))
                return try row.ifKnown("state").map { QueueLoad(agentType: agentType, state: $0, steps: steps) }
            }.compactMap(\.self)
        }
    }

    /// Agent types that have left the catalogue stay, inactive; nothing more is dispatched to their queues.
    package func register(_ agents: [AgentSpec], bounds: AttemptBounds) async throws {
        try await pool.transaction { session in
            let types = PostgresValue.textArray(agents.map(\.type))
            _ = try session.pipeline([
                Statements.registerAgents(agents.map { (agent: $0, bounds: bounds) }),
                (Statements.retireAgents, [types]), (Statements.registerQueues, [types]),
                (Statements.retireQueues, [types]),
            ])
        }
    }
}

/// Step ids in hand: blocks of 64 from a sequence, so that a batch of hundreds costs a handful of calls.
private struct StepIDs {
    /// Most steps that one advance of one task creates: a plan's worth, and one of the task itself.
    static let perTask = 16
    static let blockSize = 64

    /// In order: the smallest ids first, so that of two steps of a task the later one has the larger id.
    private var blocks: [Range<Int>] = []

    func blocksMissing(for count: Int) -> Int {
        let available = blocks.reduce(0) { $0 + $1.count }
        return max(0, (count - available + Self.blockSize - 1) / Self.blockSize)
    }

    /// At least so many ids, as far as there are; no more blocks than that takes.
    mutating func take(_ count: Int) -> StepIDs {
        var taken = StepIDs()
        var available = 0
        while available < count, !blocks.isEmpty {
            let block = blocks.removeFirst()
            taken.blocks.append(block)
            available += block.count
        }
        return taken
    }

    mutating func add(_ others: StepIDs) {
        blocks = (blocks + others.blocks).sorted { $0.lowerBound < $1.lowerBound }
    }

    mutating func add(blockAt first: Int) {
        blocks.append(first..<first + Self.blockSize)
        blocks.sort { $0.lowerBound < $1.lowerBound }
    }

    /// - Precondition: ``blocksMissing(for:)`` blocks were added for what is taken.
    mutating func next() -> Int {
        guard let block = blocks.first else { preconditionFailure("step ids were not allocated") }
        blocks[0] = block.dropFirst()
        if block.count == 1 { blocks.removeFirst() }
        return block.lowerBound
    }
}
