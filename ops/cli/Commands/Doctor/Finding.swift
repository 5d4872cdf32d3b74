import FleetCore
import JSON

/// What one check has found.
struct Finding: Sendable, Equatable {
    let name: String
    /// What is there, or what is wrong.
    let detail: String
    /// What to do about it; nil: all is well.
    let remedy: String?

    static func fine(_ name: String, _ detail: String) -> Finding {
        Finding(name: name, detail: PlainText.line(detail), remedy: nil)
    }

    static func problem(_ name: String, _ detail: String, _ remedy: String) -> Finding {
        Finding(name: name, detail: PlainText.line(detail), remedy: remedy)
    }

    var isFine: Bool { remedy == nil }

    var json: JSONValue {
        [
            "check": .string(name), "status": isFine ? "ok" : "problem", "detail": .string(detail),
            "remedy": remedy.map { .string($0) } ?? .null,
        ]
    }

    func line(_ style: TextStyle) -> String {
        let status = isFine ? "ok" : "problem"
        let padding = String(repeating: " ", count: 9 - status.count)
        let title = name + String(repeating: " ", count: max(1, 18 - name.count))
        return style.paint(status, TextStyle.face(ofState: status)) + padding + title + detail
            + (remedy.map { ": \($0)" } ?? "")
    }
}
