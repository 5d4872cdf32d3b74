import FleetCore
import FoundationEssentials
import JSON
import UTC

extension PartHealth {
    /// The page in the repository.
    private var page: String? { runbook.map { "ops/runbooks/\($0).md" } }

    private var since: String? {
        age.map { Timestamp.iso8601(microseconds: Int((Date().timeIntervalSince1970 - $0) * 1_000_000)) }
    }

    var json: JSONValue {
        [
            "part": .string(PlainText.line(part)), "kind": .string(kind.rawValue),
            "name": name.map { .string(PlainText.line($0)) } ?? .null, "state": .string(state.rawValue),
            "since": since.map { .string($0) } ?? .null, "age_seconds": age.map { .double($0) } ?? .null,
            "reason": .string(PlainText.line(reason)), "remedy": remedy.map { .string($0) } ?? .null,
            "runbook": page.map { .string($0) } ?? .null,
        ]
    }

    /// A line for what it is, and one for what to do.
    fileprivate func lines(_ style: TextStyle, width: Int) -> [String] {
        let text = PlainText.line(part)
        let padding = String(repeating: " ", count: max(0, width - text.count) + 2)
        let stateWidth = State.allCases.map(\.rawValue.count).max() ?? 0
        let statePadding = String(repeating: " ", count: stateWidth - state.rawValue.count + 2)
        let line =
            style.paint(state.rawValue, TextStyle.face(ofState: state.rawValue)) + statePadding + text + padding
            + PlainText.line(reason) + (since.map { " (since \(PlainText.time($0)) UTC)" } ?? "")
        let todo = [remedy.map(PlainText.line), page].compactMap(\.self).joined(separator: "; ")
        let indent = String(repeating: " ", count: stateWidth + 2 + width + 2)
        return state == .healthy || todo.isEmpty ? [line] : [line, indent + "-> " + todo]
    }

    /// Ill parts first, and how it is as a whole.
    static func report(_ parts: [PartHealth], _ style: TextStyle) -> String {
        let order: [State] = [.ill, .unknown, .degraded, .healthy]
        let width = min(40, parts.map { PlainText.line($0.part).count }.max() ?? 0)
        let lines = order.flatMap { state in
            parts.filter { $0.state == state }.flatMap { $0.lines(style, width: width) }
        }
        return (lines + ["", summary(parts)]).joined(separator: "\n")
    }

    static func summary(_ parts: [PartHealth]) -> String {
        let counts = State.allCases.reversed().compactMap { state -> String? in
            let count = parts.count { $0.state == state }
            return count == 0 ? nil : "\(count) \(state.rawValue)"
        }
        return "\(parts.count) parts: \(counts.joined(separator: ", "))"
    }
}
