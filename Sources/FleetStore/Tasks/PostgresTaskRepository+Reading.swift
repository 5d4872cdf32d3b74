package import FleetCore
import PostgresClient

extension PostgresTaskRepository {
    /// Reads page and total in one round trip; tasks may come in between the two.
    package func list(_ query: TaskQuery) async throws(TaskRepositoryError) -> TaskPage {
        let list = TaskListStatement(query)
        return try await read { session in
            let results = try session.pipeline([(list.page, list.pageParameters), (list.count, list.filters)])
            var tasks = try results[0].map { try TaskSummary(&$0) }
            // One more than asked for says that there is a next page.
            let hasMore = tasks.count > query.limit
            if hasMore { tasks.removeLast() }
            let next = hasMore ? tasks.last.flatMap { query.cursor(after: $0) } : nil
            return TaskPage(tasks: tasks, total: try results[1].only(), next: next)
        }
    }

    /// Reads everything in one round trip; throws `notFound`.
    package func detail(of taskID: String, owner: String?) async throws(TaskRepositoryError) -> TaskDetail {
        try await read { session in
            let key = PostgresValue.text(taskID)
            let results = try session.pipeline([
                (Statements.task, [key, Self.optional(owner)]), (Statements.subtasks, [key]),
                (Statements.openSteps, [key]), (Statements.answer, [key]),
            ])
            let (subtasks, steps) = (try SubtaskSummary.all(results[1]), try results[2].map { try OpenStep(&$0) })
            let answer = try results[3].first { try TaskAnswer(&$0) }
            let detail = try results[0].first { row in
                TaskDetail(
                    summary: try TaskSummary(&row), description: try row("description"),
                    context: try row.json("context"), isRetryRequested: try row("retry_requested"),
                    activeRevisionID: try row("active_revision_id"), cost: try CostSums(&row), subtasks: subtasks,
                    openSteps: steps, answer: answer)
            }
            guard let detail else { throw Self.notFound(taskID) }
            return detail
        }
    }

    /// The answer is nil before the first one; a task under revision still has its last. Throws `notFound`.
    package func result(
        of taskID: String, owner: String?
    ) async throws(TaskRepositoryError) -> (task: TaskSummary, answer: TaskAnswer?) {
        try await read { session in
            let key = PostgresValue.text(taskID)
            let results = try session.pipeline([
                (Statements.task, [key, Self.optional(owner)]), (Statements.answer, [key]),
            ])
            guard let task = try results[0].first({ try TaskSummary(alone: &$0) }) else {
                throw Self.notFound(taskID)
            }
            return (task, try results[1].first { try TaskAnswer(&$0) })
        }
    }

    /// Empty if there are no later ones; throws `notFound` if there is no such task.
    package func events(
        of taskID: String, owner: String?, after: Int, limit: Int
    ) async throws(TaskRepositoryError) -> [StoredTaskEvent] {
        try await read { session in
            let key = PostgresValue.text(taskID)
            let results = try session.pipeline([
                (Statements.isVisible, [key, Self.optional(owner)]),
                (Statements.events, [key, .int8(after), .int4(Int32(clamping: limit))]),
            ])
            guard results[0].count == 1 else { throw Self.notFound(taskID) }
            return try results[1].map { StoredTaskEvent(sequence: try $0("seq"), payload: try $0("payload")) }
        }
    }

    /// A text parameter that may be NULL, with its type.
    static func optional(_ text: String?) -> PostgresValue { text.map { .text($0) } ?? .null }

    static func notFound(_ taskID: String) -> TaskRepositoryError {
        .notFound("there is no task \(taskID)")
    }
}

extension TaskQuery {
    func cursor(after task: TaskSummary) -> Cursor? {
        switch sort {
        case .createdAt: Cursor(time: task.createdAt, taskID: task.id)
        case .updatedAt: Cursor(time: task.updatedAt, taskID: task.id)
        case .priority: nil
        }
    }
}

/// The two statements of a list: texts are put together from fixed pieces, values are parameters.
struct TaskListStatement {
    let page: PostgresStatement
    let count: PostgresStatement
    let pageParameters: [PostgresValue]
    let filters: [PostgresValue]

    /// As the partial indexes have it: finished tasks are found by their end, all others among those that are not
    /// finished.
    private static func condition(on statuses: [TaskStatus]) -> (letter: String, condition: String) {
        if statuses.allSatisfy(\.isTerminal) { return ("e", "t.ended_as = ANY(?)") }
        if statuses == [.pending] { return ("n", "t.is_new AND t.status = ANY(?)") }
        if !statuses.contains(where: \.isTerminal) {
            return ("o", "(t.is_new OR t.is_open OR t.has_wish) AND t.status = ANY(?)")
        }
        return ("s", "t.status = ANY(?)")
    }

    init(_ query: TaskQuery) {
        var name = ""
        var conditions = ["TRUE"]
        var values: [PostgresValue] = []
        func add(_ letter: String, _ condition: String, _ value: PostgresValue) {
            name += letter
            values.append(value)
            conditions.append(condition.replacing("?", with: "$\(values.count)"))
        }
        if let userID = query.userID { add("u", "t.user_id = ?", .text(userID)) }
        if !query.statuses.isEmpty {
            let (letter, condition) = Self.condition(on: query.statuses)
            add(letter, condition, .textArray(query.statuses.map(\.rawValue)))
        }
        if let batch = query.batch {
            add("b", "t.batch_id IN (SELECT batch_id FROM batches WHERE name = ?)", .text(batch))
        }
        filters = values
        let filter = conditions.joined(separator: " AND ")
        count = PostgresStatement("count_tasks_\(name)", "SELECT count(*) FROM tasks t WHERE \(filter)")

        let isDescending = query.order == .descending
        // Ids run against the time, as in the index.
        let (forward, backward) = isDescending ? ("DESC", "ASC") : ("ASC", "DESC")
        let ordering: String
        switch query.sort {
        case .createdAt, .updatedAt:
            let column = "t.\(query.sort.rawValue)"
            ordering = "\(column) \(forward), t.task_id \(backward)"
            if let cursor = query.after {
                add("c", "\(column) \(isDescending ? "<=" : ">=") ?", .timestamptz(cursor.time))
                let time = values.count
                add("", "(\(column) <> $\(time) OR t.task_id \(isDescending ? ">" : "<") ?)", .text(cursor.taskID))
            }
        case .priority:
            // Descending is the most urgent first.
            let rank = "array_position(ARRAY['urgent', 'high', 'medium', 'low'], t.priority::text)"
            ordering = "\(rank) \(backward), t.created_at DESC, t.task_id"
        }
        values.append(.int8(query.limit + 1))
        let limit = values.count
        values.append(.int8(query.after == nil ? query.offset : 0))
        pageParameters = values
        page = PostgresStatement(
            "list_tasks_\(name)_\(query.sort.rawValue)_\(query.order.rawValue)",
            """
            SELECT \(PostgresTaskRepository.Statements.summaryColumns)
            FROM tasks t LEFT JOIN batches b ON b.batch_id = t.batch_id
            WHERE \(conditions.joined(separator: " AND "))
            ORDER BY \(ordering) LIMIT $\(limit) OFFSET $\(values.count)
            """)
    }
}
