import FleetCore
import JSON

/// The last figures, for as long as they hold: who asks gets them or learns that they are not known, never a 0.
package struct ScalingBoard: Sendable {
    /// As HTTP answers it.
    package struct Answer: Sendable, Equatable {
        package let status: Int
        package let contentType: String
        package let body: String
    }

    /// Figures older than this say nothing about now.
    package static let longestAge: Duration = .seconds(10)

    private var figures: ScalingFigures?
    private var readAt: Duration = .zero

    /// Knows nothing.
    package init() {}

    /// - Parameter now: when the rows were asked, measured from any start: the answer's own way counts as age.
    package mutating func post(_ figures: ScalingFigures, at now: Duration) {
        self.figures = figures
        readAt = now
    }

    /// Nil if they are not known, or too old.
    package func current(at now: Duration) -> ScalingFigures? {
        now - readAt <= Self.longestAge ? figures : nil
    }

    /// The figures; 503 with a problem (RFC 9457) while they are not known.
    package func answer(at now: Duration) -> Answer {
        if let figures = current(at: now) {
            return Answer(status: 200, contentType: "application/json", body: figures.json.serialized() + "\n")
        }
        let detail =
            figures == nil
            ? "The rows have not been read yet." : "The rows were last read \(Int((now - readAt).inSeconds)) s ago."
        let problem: JSONValue = [
            "type": "about:blank", "title": "Service Unavailable", "status": 503,
            "detail": .string(detail + " How many workers are wanted is not known; it is not 0."),
        ]
        return Answer(status: 503, contentType: "application/problem+json", body: problem.serialized() + "\n")
    }
}
