/// Colours and weights, if the reader can have them.
struct TextStyle: Sendable {
    let isColored: Bool

    enum Face: String, Sendable {
        case bold = "1"
        case dim = "2"
        case inverse = "7"
        case red = "31"
        case green = "32"
        case yellow = "33"
        case blue = "34"
    }

    func paint(_ text: String, _ face: Face?) -> String {
        guard isColored, let face, !text.isEmpty else { return text }
        return "\u{1B}[\(face.rawValue)m\(text)\u{1B}[0m"
    }

    /// The face of a task's, process's or health's state.
    static func face(ofState state: String) -> Face? {
        switch state {
        case "completed", "ready", "healthy", "ok", "active": .green
        case "failed", "unhealthy", "dead", "problem", "lost", "ill": .red
        case "partial_completion", "degraded", "unknown", "parked", "paused", "stuck", "backing_off", "starting",
            "draining":
            .yellow
        case "cancelled", "stopped", "retired", "pending": .dim
        default: .blue
        }
    }
}
