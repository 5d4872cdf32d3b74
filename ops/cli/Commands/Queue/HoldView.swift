import FleetCore
import JSON
import UTC

/// A pause as it is shown.
enum HoldView {
    static func json(_ hold: Hold) -> JSONValue {
        [
            "scope": .string(hold.scope.kind), "subject": .string(hold.scope.subject), "reason": .string(hold.reason),
            "actor": .string(hold.actor), "since": .string(Timestamp.iso8601(microseconds: hold.since)),
        ]
    }

    static func line(_ hold: Hold) -> String {
        "\(hold.scope.kind) \(hold.scope.subject) since \(PlainText.time(Timestamp.iso8601(microseconds: hold.since))) UTC by "
            + "\(hold.actor): \(hold.reason)"
    }
}
