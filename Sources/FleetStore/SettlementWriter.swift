import FleetCore
import PostgresClient

/// Turns settlements into the parameter arrays of the settle statement.
struct SettlementWriter {
    private let settlements: [Settlement]

    /// In order of id, so that concurrent batches lock rows in the same order.
    init(_ settlements: [Settlement]) {
        self.settlements = settlements.sorted { $0.stepID < $1.stepID }
    }

    /// What an outcome writes into the step's row.
    private struct Row {
        var state: StepState
        var delay: Double?
        var waitReason: String?
        var error: String?
        var failures: Int32 = 0
        var throttles: Int32 = 0
        var answer: StepOutcome.Answer?

        init(_ outcome: StepOutcome) {
            switch outcome {
            case .succeeded(let answer):
                state = .succeeded
                self.answer = answer
            case .retry(let after, let reason, let error, let countsAsFailure):
                state = .parked
                delay = after.inSeconds
                waitReason = reason.rawValue
                self.error = error
                failures = countsAsFailure ? 1 : 0
                throttles = countsAsFailure ? 0 : 1
            case .handedBack: state = .ready
            case .failed(let error):
                state = .failed
                self.error = error
            case .dead(let error):
                state = .dead
                self.error = error
                failures = 1
            case .cancelled: state = .cancelled
            }
        }
    }

    func parameters(worker: Int) -> [PostgresValue] {
        let rows = settlements.map { Row($0.outcome) }
        let calls = settlements.flatMap { settlement in settlement.calls.map { (settlement, $0) } }
        let types = zip(settlements, rows).map { $1.answer == nil ? nil : $0.kind.solutionType }
        return [
            .int8Array(settlements.map(\.stepID)), .int4Array(settlements.map { Int32($0.attempt) }),
            .textArray(rows.map(\.state.rawValue)), .float8Array(rows.map(\.delay)),
            .textArray(rows.map(\.waitReason)), .textArray(rows.map { $0.error?.storable }),
            .int4Array(rows.map(\.failures)),
            .int4Array(rows.map(\.throttles)), .textArray(types),
            .jsonbArray(zip(rows, types).map { $1 == nil ? $0.answer?.json : nil }),
            .textArray(rows.map { $0.answer?.content }),
            .jsonbArray(zip(rows, types).map { $1 == nil ? nil : $0.answer.map(Self.metadata) }),
            .int4Array(rows.map { $0.answer.map { Int32($0.version) } }), .int8(worker),
            .int8Array(calls.map(\.0.stepID)), .int4Array(calls.map { Int32($0.0.attempt) }),
            .int4Array(calls.map { Int32($0.1.number) }), .textArray(calls.map(\.0.taskID)),
            .textArray(calls.map(\.0.agentType)), .textArray(calls.map(\.1.provider)), .textArray(calls.map(\.1.model)),
            .int4Array(calls.map { Int32($0.1.usage.inputTokens) }),
            .int4Array(calls.map { Int32($0.1.usage.outputTokens) }),
            .int8Array(calls.map(\.1.cost.millionths)), .textArray(calls.map(\.1.outcome)),
            .int4Array(calls.map { $0.1.httpStatus.map(Int32.init) }),
            .int4Array(calls.map { Int32($0.1.usage.cacheReadTokens) }),
            .int4Array(calls.map { Int32($0.1.usage.cacheWriteTokens) }),
            .textArray(calls.map { $0.1.providerRequestID?.cut(to: 200).storable }),
            .int4Array(calls.map { Int32(clamping: $0.1.duration.inMilliseconds) }),
        ]
    }

    /// Of a solution: the structured answer without the text that stands in `content`.
    private static func metadata(_ answer: StepOutcome.Answer) -> String {
        guard case .object(var object)? = try? JSONValue(parsing: answer.json) else { return "{}" }
        if object["content"]?.string == answer.content { object["content"] = nil }
        object["confidence"] = answer.confidence.map { .double($0) } ?? .null
        return JSONValue.object(object).serialized()
    }
}
