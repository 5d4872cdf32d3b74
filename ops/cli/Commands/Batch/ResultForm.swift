import ArgumentParser
import FleetCore
import JSON
import UTC

/// How results are written: each with the cursor after it, so that what was written says where it ended.
enum ResultForm: String, ExpressibleByArgument, CaseIterable, Sendable {
    case jsonl
    case csv

    static let columns = [
        "custom_id", "task_id", "status", "final_answer", "confidence", "limitations", "error", "cost_usd",
        "completed_at", "cursor",
    ]

    /// What stands before the first result.
    var head: String { self == .csv ? Self.columns.joined(separator: ",") + "\r\n" : "" }

    func text(_ result: BatchResult, of batch: String) -> String {
        switch self {
        case .jsonl: Self.json(result, of: batch).serialized() + "\n"
        case .csv: Self.row(result, of: batch)
        }
    }

    private static func json(_ result: BatchResult, of batch: String) -> JSONValue {
        [
            "custom_id": result.customID.map { .string($0) } ?? .null, "task_id": .string(result.taskID),
            "status": .string(result.status.rawValue),
            "result": result.answer.map { AnswerDocument($0, taskLimitations: result.limitations).json } ?? .null,
            "limitations": .array(result.limitations.map { .string($0) }),
            "error": result.failure.map { .string($0) } ?? .null, "cost_usd": .string("\(result.cost)"),
            "completed_at": result.completedAt.map { .string(Timestamp.iso8601(microseconds: $0)) } ?? .null,
            "cursor": .string(BatchCursor(batchID: batch, number: result.number).description),
        ]
    }

    private static func row(_ result: BatchResult, of batch: String) -> String {
        let document = result.answer.map { AnswerDocument($0, taskLimitations: result.limitations) }
        let confidence = document?.json["confidence"]?.double
        let cells = [
            result.customID ?? "", result.taskID, result.status.rawValue, document?.markdown ?? "",
            confidence.map { "\($0)" } ?? "", result.limitations.joined(separator: "\n"), result.failure ?? "",
            "\(result.cost)", result.completedAt.map { Timestamp.iso8601(microseconds: $0) } ?? "",
            BatchCursor(batchID: batch, number: result.number).description,
        ]
        return cells.map(cell).joined(separator: ",") + "\r\n"
    }

    /// RFC 4180; what a spreadsheet would take for a formula gets an apostrophe before it.
    static func cell(_ text: String) -> String {
        var text = text
        if let first = text.unicodeScalars.first, "=+-@\t\r".unicodeScalars.contains(first) { text = "'" + text }
        let needsQuotes = text.utf8.contains { [0x22, 0x2C, 0x0A, 0x0D].contains($0) }
        guard needsQuotes else { return text }
        return "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}
