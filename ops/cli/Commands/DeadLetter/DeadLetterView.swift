import FleetCore
import JSON
import UTC

/// A dead letter as it is shown.
struct DeadLetterView {
    private let letter: DeadLetter

    init(_ letter: DeadLetter) { self.letter = letter }

    static func table(_ letters: [DeadLetter]) -> TextTable {
        var table = TextTable([
            .init("LETTER", isNumeric: true), .init("AT (UTC)"), .init("TASK"), .init("AGENT TYPE"), .init("REPLAY"),
            .init("ATTEMPTS", isNumeric: true), .init("ERROR"),
        ])
        for letter in letters {
            table.add([
                "\(letter.id)", PlainText.time(Timestamp.iso8601(microseconds: letter.createdAt)), letter.taskID ?? "-",
                letter.agentType, letter.replayState?.rawValue ?? "-", letter.attempt.map { "\($0)" } ?? "-",
                letter.error ?? letter.reason,
            ])
        }
        return table
    }

    var json: JSONValue {
        var object = JSONObject()
        object["dead_letter_id"] = .integer(letter.id)
        object["fingerprint"] = .string(letter.fingerprint)
        object["agent_type"] = .string(letter.agentType)
        object["kind"] = Self.text(letter.kind)
        object["reason"] = .string(letter.reason)
        object["error_code"] = .string(letter.errorCode)
        object["error"] = Self.text(letter.error)
        object["task_id"] = Self.text(letter.taskID)
        object["subtask_id"] = Self.text(letter.subtaskID)
        object["step_id"] = letter.stepID.map { .integer($0) } ?? .null
        object["attempts"] = letter.attempt.map { .integer($0) } ?? .null
        object["model"] = Self.text(letter.model)
        object["prompt_version"] = Self.text(letter.promptVersion)
        object["replays"] = .integer(letter.replays)
        object["operation_id"] = Self.text(letter.operationID)
        object["replay_state"] = Self.text(letter.replayState?.rawValue)
        object["replay_note"] = Self.text(letter.replayNote)
        object["created_at"] = Self.time(letter.createdAt)
        object["resolved_at"] = letter.resolvedAt.map(Self.time) ?? .null
        object["resolution"] = Self.text(letter.resolution)
        return .object(object)
    }

    /// With what only `dlq show` tells.
    var fullJSON: JSONValue {
        guard case .object(var object) = json else { return json }
        object["payload"] = Self.parsed(letter.payload)
        object["x_death"] = Self.parsed(letter.deaths)
        object["failures"] = .array(
            letter.failures.map { failure in
                [
                    "attempt": .integer(failure.attempt), "at": Self.time(failure.at),
                    "worker": Self.text(failure.worker),
                    "error": .string(failure.error),
                ]
            })
        object["calls"] = .array(
            letter.calls.map { call in
                [
                    "attempt": .integer(call.attempt), "at": Self.time(call.at), "provider": .string(call.provider),
                    "model": .string(call.model), "outcome": .string(call.outcome),
                    "http_status": call.httpStatus.map { .integer($0) } ?? .null,
                    "provider_request_id": Self.text(call.requestID),
                    "input_tokens": call.inputTokens.map { .integer($0) } ?? .null,
                    "output_tokens": call.outputTokens.map { .integer($0) } ?? .null,
                    "cost_usd": call.cost.map { .string($0.description) } ?? .null,
                    "is_estimate": .bool(call.isEstimate),
                ]
            })
        return .object(object)
    }

    func text(_ console: Console) -> String {
        var lines = [
            console.style.paint("dead letter \(letter.id)", .bold)
                + (letter.resolvedAt == nil ? " (open)" : " (closed: \(letter.resolution ?? "?"))"),
            "fingerprint  \(letter.fingerprint)   mixmyai dlq list --fingerprint \(letter.fingerprint)",
            "died of      \(PlainText.line(letter.error ?? letter.reason))",
            "work         \(letter.kind ?? "-") for \(letter.agentType), step \(letter.stepID.map { "\($0)" } ?? "-"), "
                + "task \(letter.taskID ?? "-")" + (letter.subtaskID.map { ", part \($0)" } ?? ""),
            "asked last   \(letter.model ?? "no model")" + (letter.promptVersion.map { ", prompt \($0)" } ?? ""),
            "at           \(PlainText.time(Timestamp.iso8601(microseconds: letter.createdAt))) UTC",
        ]
        if let state = letter.replayState {
            lines.append(
                "replay       \(state.rawValue) in \(letter.operationID ?? "-"), \(letter.replays) so far"
                    + (letter.replayNote.map { ": \(PlainText.line($0))" } ?? ""))
        }
        if !letter.failures.isEmpty {
            var table = TextTable([
                .init("ATTEMPT", isNumeric: true), .init("AT (UTC)"), .init("WORKER"), .init("ERROR"),
            ])
            for failure in letter.failures {
                table.add([
                    "\(failure.attempt)", PlainText.time(Timestamp.iso8601(microseconds: failure.at)),
                    failure.worker ?? "-", failure.error,
                ])
            }
            lines.append("\n" + console.render(table))
        }
        if !letter.calls.isEmpty { lines.append("\n" + console.render(callTable)) }
        if let payload = letter.payload { lines.append("\ninput        \(PlainText.line(payload))") }
        return lines.joined(separator: "\n")
    }

    private var callTable: TextTable {
        var table = TextTable([
            .init("ATTEMPT", isNumeric: true), .init("AT (UTC)"), .init("MODEL"), .init("OUTCOME"),
            .init("TOKENS", isNumeric: true), .init("COST", isNumeric: true), .init("REQUEST"),
        ])
        for call in letter.calls {
            table.add([
                "\(call.attempt)", PlainText.time(Timestamp.iso8601(microseconds: call.at)),
                "\(call.provider)/\(call.model)", call.outcome + (call.httpStatus.map { " (\($0))" } ?? ""),
                "\(call.inputTokens ?? 0)+\(call.outputTokens ?? 0)",
                call.cost.map { "\(call.isEstimate ? "~" : "")\($0)" } ?? "-",
                call.requestID ?? "-",
            ])
        }
        return table
    }

    private static func text(_ text: String?) -> JSONValue { text.map { .string($0) } ?? .null }
    private static func time(_ time: Int) -> JSONValue { .string(Timestamp.iso8601(microseconds: time)) }
    private static func parsed(_ text: String?) -> JSONValue { text.flatMap { try? JSONValue(parsing: $0) } ?? .null }
}
