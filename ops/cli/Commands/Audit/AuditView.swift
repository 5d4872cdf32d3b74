import FleetCore
import JSON
import UTC

/// Entries of the audit log as they are shown.
enum AuditView {
    static func json(_ entry: AuditEntry) -> JSONValue {
        [
            "audit_id": .integer(entry.id), "at": .string(Timestamp.iso8601(microseconds: entry.at)),
            "actor": .string(entry.actor), "action": .string(entry.action), "object": .string(entry.object),
            "before": entry.before ?? .null, "after": entry.after ?? .null,
            "reason": entry.reason.map { .string($0) } ?? .null,
        ]
    }

    static func table(_ entries: [AuditEntry]) -> TextTable {
        var table = TextTable([
            .init("ID", isNumeric: true), .init("AT (UTC)"), .init("ACTOR"), .init("ACTION"), .init("OBJECT"),
            .init("CHANGE"), .init("REASON"),
        ])
        for entry in entries {
            table.add([
                "\(entry.id)", PlainText.time(Timestamp.iso8601(microseconds: entry.at)), entry.actor, entry.action,
                entry.object, change(entry), entry.reason ?? "",
            ])
        }
        return table
    }

    /// `requests_per_minute 100 -> 500`: members that are not what they were.
    private static func change(_ entry: AuditEntry) -> String {
        let before = entry.before?.object ?? JSONObject()
        return (entry.after?.object?.members ?? []).filter { before[$0.key] != $0.value }.map { member in
            let old = before[member.key].map { "\(text($0)) -> " } ?? ""
            return "\(member.key) \(old)\(text(member.value))"
        }.joined(separator: ", ")
    }

    private static func text(_ value: JSONValue) -> String {
        value == .null ? "none" : value.string ?? value.serialized()
    }
}
