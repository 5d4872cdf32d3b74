import FleetCore
import JSON
import UTC

/// A group of dead letters as it is shown.
enum DeadLetterGroupView {
    static func json(_ group: DeadLetterGroup) -> JSONValue {
        [
            "fingerprint": .string(group.fingerprint), "count": .integer(group.count), "tasks": .integer(group.tasks),
            "replaying": .integer(group.replaying), "error_code": .string(group.errorCode),
            "agent_type": .string(group.agentType), "kind": group.kind.map { .string($0) } ?? .null,
            "model": group.model.map { .string($0) } ?? .null,
            "prompt_version": group.promptVersion.map { .string($0) } ?? .null,
            "first_at": .string(Timestamp.iso8601(microseconds: group.first)),
            "last_at": .string(Timestamp.iso8601(microseconds: group.last)), "example": .integer(group.example),
            "error": group.error.map { .string($0) } ?? .null,
        ]
    }

    static func table(_ groups: [DeadLetterGroup]) -> TextTable {
        var table = TextTable([
            .init("FINGERPRINT"), .init("LETTERS", isNumeric: true), .init("TASKS", isNumeric: true),
            .init("REPLAYING", isNumeric: true), .init("AGENT TYPE"), .init("STEP"), .init("MODEL"),
            .init("LAST (UTC)"), .init("EXAMPLE", isNumeric: true), .init("ERROR"),
        ])
        for group in groups {
            table.add([
                group.fingerprint, "\(group.count)", "\(group.tasks)", "\(group.replaying)", group.agentType,
                group.kind ?? "-", group.model ?? "-",
                PlainText.time(Timestamp.iso8601(microseconds: group.last)), "\(group.example)",
                group.error ?? group.errorCode,
            ])
        }
        return table
    }
}
