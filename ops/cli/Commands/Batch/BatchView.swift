import FleetCore
import JSON
import UTC

/// A batch as it is shown.
enum BatchView {
    /// - Parameter inFull: with what is looked up for one batch only.
    static func json(_ batch: BatchOverview, inFull: Bool) -> JSONValue {
        let counts = batch.counts
        var object = JSONObject()
        object["batch_id"] = .string(batch.id)
        object["name"] = .string(batch.name)
        object["user_id"] = .string(batch.userID)
        object["state"] = .string(batch.state.rawValue)
        object["paused"] = batch.pause.map(HoldView.json) ?? .null
        object["counts"] = [
            "total": .integer(counts.total), "pending": .integer(counts.pending), "active": .integer(counts.active),
            "completed": .integer(counts.completed), "partial_completion": .integer(counts.partial),
            "failed": .integer(counts.failed), "cancelled": .integer(counts.cancelled),
        ]
        object["progress"] = .integer(batch.progress)
        object["throughput_per_minute"] = batch.pace.map { .double(rounded($0.perMinute)) } ?? .null
        let estimate = batch.estimate
        object["eta"] = [
            "p50_seconds": estimate.map { .double(rounded($0.p50)) } ?? .null,
            "p90_seconds": estimate.map { .double(rounded($0.p90)) } ?? .null,
            "p50": finish(estimate?.p50), "p90": finish(estimate?.p90),
            "binding": batch.binding.map { .string($0.what) } ?? .null,
            "reason": batch.binding.map { .string($0.reason) } ?? .null,
        ]
        if inFull {
            object["cost"] = [
                "proved": .string("\(batch.cost.proved)"), "expected": .string("\(batch.cost.expected)"),
                "at_most": .string("\(batch.cost.atMost)"),
            ]
            object["failures"] = .array(batch.failures.map(json))
        }
        object["breaker"] = batch.breaker.map { .string($0.description) } ?? .null
        object["pilot"] = batch.pilot.map(json) ?? .null
        object["created_at"] = .string(Timestamp.iso8601(microseconds: batch.createdAt))
        return .object(object)
    }

    private static func json(_ failure: BatchOverview.FailureGroup) -> JSONValue {
        [
            "fingerprint": failure.fingerprint.map { .string($0) } ?? .null, "count": .integer(failure.count),
            "example": .string(failure.example),
            "dead_letter_id": failure.deadLetterID.map { .integer($0) } ?? .null,
        ]
    }

    private static func json(_ pilot: BatchPilot) -> JSONValue {
        [
            "size": .integer(pilot.size), "state": .string(pilot.state.rawValue),
            "least_score": pilot.leastScore.map { .double($0) } ?? .null,
            "most_mean_cost_usd": pilot.mostCost.map { .string("\($0)") } ?? .null,
            "most_failures": pilot.mostFailures.map { .double($0) } ?? .null,
        ]
    }

    static func table(_ batches: [BatchOverview]) -> TextTable {
        let numbers = ["TOTAL", "PENDING", "ACTIVE", "DONE", "PARTIAL", "FAILED", "CANCELLED", "%", "PER MIN", "LEFT"]
        var table = TextTable(
            [.init("BATCH"), .init("USER"), .init("STATE", isState: true)]
                + numbers.map { .init($0, isNumeric: true) } + [.init("SINCE (UTC)"), .init("ID")])
        for batch in batches {
            let counts = batch.counts
            table.add([
                PlainText.shortened(batch.name, to: 40), batch.userID, batch.state.rawValue, "\(counts.total)",
                "\(counts.pending)", "\(counts.active)", "\(counts.completed)", "\(counts.partial)", "\(counts.failed)",
                "\(counts.cancelled)", "\(batch.progress)", batch.pace.map { PlainText.rate($0.perMinute) } ?? "-",
                batch.estimate.map { PlainText.age($0.p50) } ?? "-",
                PlainText.time(Timestamp.iso8601(microseconds: batch.createdAt)), batch.id,
            ])
        }
        return table
    }

    static func text(_ batch: BatchOverview, _ console: Console) -> String {
        let counts = batch.counts
        var lines = [
            console.style.paint(PlainText.line("\(batch.name) of \(batch.userID) (\(batch.id))"), .bold)
                + ": \(console.paint(state: batch.state.rawValue)), \(batch.progress) %",
            "tasks       \(counts.total): \(counts.pending) pending, \(counts.active) active, \(counts.completed) completed, "
                + "\(counts.partial) partial, \(counts.failed) failed, \(counts.cancelled) cancelled",
            "per minute  \(batch.pace.map { PlainText.rate($0.perMinute) } ?? "-")",
            "left        "
                + (batch.estimate.map {
                    "\(PlainText.age($0.p50)), at most \(PlainText.age($0.p90)) in nine of ten cases"
                }
                    ?? "-"),
        ]
        if let binding = batch.binding { lines.append("binds       \(PlainText.line(binding.what))") }
        lines.append(
            "cost        \(batch.cost.proved) USD proved, \(batch.cost.expected) expected, \(batch.cost.atMost) at most"
        )
        lines += batch.holds.map { "paused      \(PlainText.line(HoldView.line($0)))" }
        lines.append("breaker     \(batch.breaker?.description ?? "off")")
        if let pilot = batch.pilot { lines.append("pilot       \(pilot.size) tasks first: \(pilot.state.rawValue)") }
        guard !batch.failures.isEmpty else { return lines.joined(separator: "\n") }
        var table = TextTable([
            .init("FINGERPRINT"), .init("TASKS", isNumeric: true), .init("LETTER", isNumeric: true), .init("EXAMPLE"),
        ])
        for failure in batch.failures {
            table.add([
                failure.fingerprint ?? "-", "\(failure.count)", failure.deadLetterID.map { "\($0)" } ?? "-",
                failure.example,
            ])
        }
        return lines.joined(separator: "\n") + "\n\n" + console.render(table)
    }

    private static func rounded(_ value: Double) -> Double { (value * 10).rounded() / 10 }

    /// The moment, as this machine's clock has it.
    private static func finish(_ seconds: Double?) -> JSONValue {
        guard let seconds, seconds < 1e9 else { return .null }
        return .string(Timestamp.iso8601(microseconds: PresentMoment.microseconds + Int(seconds * 1_000_000)))
    }
}
