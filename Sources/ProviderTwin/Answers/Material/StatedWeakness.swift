import JSON

/// A fault that a review states.
struct StatedWeakness {
    enum Severity: String {
        case minor
        case major
        case critical
    }

    var place: String
    var text: String
    var severity: Severity
}

extension JSONWriter {
    /// The `weaknesses` of a review.
    mutating func weaknesses(_ weaknesses: [StatedWeakness]) {
        key("weaknesses")
        beginArray()
        for weakness in weaknesses {
            beginObject()
            field("place", weakness.place)
            field("text", weakness.text)
            field("severity", weakness.severity.rawValue)
            endObject()
        }
        endArray()
    }

    /// The `revision_requests` of a review, numbered from Q1.
    mutating func requests(_ requests: [String]) {
        key("revision_requests")
        beginArray()
        for (index, request) in requests.enumerated() {
            beginObject()
            field("id", "Q\(index + 1)")
            field("text", request)
            endObject()
        }
        endArray()
    }
}
