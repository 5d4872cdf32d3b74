import FleetCore
import FoundationEssentials
import JSON
import UTC

/// What `mixmyai autoscale` has done or cannot do: a line.
struct AutoscaleLine: Sendable, Equatable {
    enum Event: String, Sendable {
        case out, drain, ended, failed, waiting
        /// What it waited for is there again.
        case back
    }

    /// Microseconds since 1970.
    var at: Int
    var event: Event
    var reason: String
    /// Workers before and after; nil where nothing moves.
    var from: Int?
    var to: Int?
    /// The worker that it is about.
    var worker: String?

    init(_ event: Event, _ reason: String, from: Int? = nil, to: Int? = nil, worker: String? = nil) {
        at = Int(Date().timeIntervalSince1970 * 1_000_000)
        self.event = event
        self.reason = reason
        self.from = from
        self.to = to
        self.worker = worker
    }

    var text: String {
        var parts = [PlainText.time(Timestamp.iso8601(microseconds: at)), event.rawValue]
        if let from, let to { parts.append("\(from) -> \(to)") }
        if let worker { parts.append(worker) }
        return parts.joined(separator: "  ") + ": " + PlainText.line(reason)
    }

    var json: JSONValue {
        [
            "at": .string(Timestamp.iso8601(microseconds: at)), "event": .string(event.rawValue),
            "from": from.map { .integer($0) } ?? .null, "to": to.map { .integer($0) } ?? .null,
            "worker": worker.map { .string($0) } ?? .null, "reason": .string(reason),
        ]
    }
}
