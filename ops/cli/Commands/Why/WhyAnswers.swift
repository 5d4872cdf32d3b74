import FleetCore
import JSON
import UTC

/// What is said about a step, a task or a batch that does not move.
struct WhyAnswers: Sendable {
    /// One thing that waits, and what for.
    private struct Line: Sendable {
        /// Nil: the subject itself.
        let name: String?
        let explanation: WaitExplanation
    }

    private let kind: String
    private let id: String
    /// What it is and where it stands.
    private let headline: String
    private let lines: [Line]

    /// - Throws: `notFound` if it is none of the three.
    init(_ subject: String, _ reader: some WaitReader) async throws {
        if let number = Int(subject), let step = try await reader.step(number) {
            (kind, id) = ("step", subject)
            headline = "step \(subject), \(Self.name(step)): \(step.state.rawValue)"
            lines = [Line(name: nil, explanation: step.explanation)]
        } else if let task = try await reader.task(subject) {
            (kind, id) = ("task", subject)
            headline = "task \(subject): \(task.status), \(task.state.rawValue)"
            lines =
                [task.explanation].compactMap(\.self).map { Line(name: nil, explanation: $0) }
                + task.openSteps.map { Line(name: "step \($0.stepID), \(Self.name($0))", explanation: $0.explanation) }
                + task.dependencies.map { Line(name: nil, explanation: $0) }
        } else if let batch = try await reader.batch(subject) {
            (kind, id) = ("batch", batch.batchID)
            let counts = batch.tasks.sorted { $0.key.rawValue < $1.key.rawValue }.map {
                "\($0.value) \($0.key.rawValue)"
            }
            headline =
                "batch \(batch.name) of \(batch.userID): \(counts.isEmpty ? "no tasks" : counts.joined(separator: ", "))"
            lines = batch.explanations.map { Line(name: nil, explanation: $0) }
        } else {
            throw CommandError(.notFound, "there is no step, task or batch '\(subject)'")
        }
    }

    private static func name(_ step: StepFacts) -> String {
        "\(step.kind) for \(step.agentType)"
            + (step.subtask.map { " (\(PlainText.shortened(PlainText.line($0), to: 60)))" } ?? "")
    }

    var json: JSONValue {
        [
            "kind": .string(kind), "id": .string(id), "summary": .string(headline),
            "waiting": .array(
                lines.map { line in
                    [
                        "what": .string(line.explanation.what), "for": line.name.map { .string($0) } ?? .null,
                        "reason": .string(line.explanation.reason), "since": Self.time(line.explanation.since),
                        "until": Self.time(line.explanation.until), "start": .string(line.explanation.start),
                    ]
                }),
        ]
    }

    func text(_ style: TextStyle) -> String {
        var text = style.paint(PlainText.line(headline), .bold)
        for line in lines {
            if let name = line.name { text += "\n" + PlainText.line(name) }
            let (indent, explanation) = (line.name == nil ? "" : "  ", line.explanation)
            text += "\n\(indent)\(PlainText.line(explanation.what))."
            let times = [("since", explanation.since), ("until", explanation.until)].compactMap { name, time in
                time.map { "\(name) \(PlainText.time(Timestamp.iso8601(microseconds: $0))) UTC" }
            }
            if !times.isEmpty { text += " (\(times.joined(separator: ", ")))" }
            text += "\n\(indent)  what would start it: \(PlainText.line(explanation.start))"
        }
        return text
    }

    private static func time(_ microseconds: Int?) -> JSONValue {
        microseconds.map { .string(Timestamp.iso8601(microseconds: $0)) } ?? .null
    }
}
