import FleetCore
import PostgresClient

/// Turns rows into what the gateway shows; columns as in `PostgresTaskRepository.Statements`.
struct TaskRowReader {
    let rows: PostgresRows

    func summary(_ row: Int) throws -> TaskSummary {
        TaskSummary(
            id: try rows.text(row, 0), userID: try rows.text(row, 1), title: try rows.text(row, 2),
            status: try Self.known(rows.text(row, 3), "status"),
            priority: try Self.known(rows.text(row, 4), "priority"), progress: try rows.int(row, 5),
            stage: try rows.text(row, 6), workflowState: try rows.text(row, 14), batch: try rows.optionalText(row, 7),
            createdAt: try rows.timestamptz(row, 8), updatedAt: try rows.timestamptz(row, 9),
            completedAt: try rows.optionalTimestamptz(row, 10),
            estimatedCompletion: try rows.optionalTimestamptz(row, 11),
            limitations: try rows.optionalText(row, 12).map(Self.json)?.array?.compactMap(\.string) ?? [],
            failure: try rows.optionalText(row, 13))
    }

    func detail(subtasks: PostgresRows, steps: PostgresRows, answer: PostgresRows) throws -> TaskDetail {
        TaskDetail(
            summary: try summary(0), description: try rows.text(0, 15),
            context: try rows.optionalText(0, 16).map(Self.json), isRetryRequested: try rows.bool(0, 17),
            activeRevisionID: try rows.optionalText(0, 18), cost: try LedgerSQL.sums(rows, 0, 19),
            subtasks: try Self.subtasks(subtasks), openSteps: try (0..<steps.count).map { try Self.step(steps, $0) },
            answer: try Self.answer(answer))
    }

    private static func subtasks(_ rows: PostgresRows) throws -> [SubtaskSummary] {
        var idByKey: [String: String] = [:]
        for row in 0..<rows.count { idByKey[try rows.text(row, 1)] = try rows.text(row, 0) }
        return try (0..<rows.count).map { row in
            SubtaskSummary(
                id: try rows.text(row, 0), title: try rows.text(row, 2), specialist: try rows.optionalText(row, 3),
                status: try known(rows.text(row, 4), "subtask status"),
                acceptance: try rows.optionalText(row, 5).flatMap(ReviewVerdict.init(rawValue:)),
                dependencies: try rows.textArray(row, 6).compactMap { idByKey[$0] },
                score: try rows.optionalFloat8(row, 7), isPartial: try rows.bool(row, 8),
                failure: try rows.optionalText(row, 9))
        }
    }

    private static func step(_ rows: PostgresRows, _ row: Int) throws -> OpenStep {
        OpenStep(
            id: try rows.int(row, 0), kind: try known(rows.text(row, 1), "step kind"),
            agentType: try rows.text(row, 2), subtaskID: try rows.optionalText(row, 3),
            state: try known(rows.text(row, 4), "step state"), attempt: try rows.int(row, 5),
            waitReason: try rows.optionalText(row, 6), notBefore: try rows.optionalTimestamptz(row, 7))
    }

    static func answer(_ rows: PostgresRows) throws -> TaskAnswer? {
        guard rows.count > 0 else { return nil }
        return TaskAnswer(
            content: try rows.text(0, 0), metadata: try rows.optionalText(0, 1).map(json) ?? [:],
            version: try rows.int(0, 2), completedAt: try rows.timestamptz(0, 3))
    }

    static func json(_ text: String) throws -> JSONValue {
        do {
            return try JSONValue(parsing: text)
        } catch {
            throw StoreError(.unreadableRow, "a JSON column cannot be read: \(error)")
        }
    }

    static func known<Value: RawRepresentable<String>>(_ text: String, _ what: String) throws -> Value {
        guard let value = Value(rawValue: text) else {
            throw StoreError(.unreadableRow, "unknown \(what) '\(text)': written by a newer program?")
        }
        return value
    }
}
