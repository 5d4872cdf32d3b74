import FleetCore
import PostgresClient

/// Turns settlements into the parameter arrays of the settle statement.
struct SettlementWriter {
    private let settlements: [Settlement]

    /// In order of id, so that concurrent batches lock rows in the same order.
    init(_ settlements: [Settlement]) {
        self.settlements = settlements.sorted { $0.stepID < $1.stepID }
    }

    func parameters(worker: Int) -> [PostgresValue] {
        let rows = settlements.map(\.outcome.effect)
        let types = zip(settlements, rows).map { $1.answer == nil ? nil : $0.kind.solutionType }
        return [
            .int8Array(settlements.map(\.stepID)), .int4Array(settlements.map { Int32($0.attempt) }),
            .textArray(rows.map(\.state.rawValue)), .float8Array(rows.map(\.delay?.inSeconds)),
            .textArray(rows.map(\.waitReason?.rawValue)), .textArray(rows.map { $0.error?.storable }),
            .int4Array(rows.map { Int32($0.failures) }),
            .int4Array(rows.map { Int32($0.throttles) }), .textArray(types),
            .jsonbArray(zip(rows, types).map { $1 == nil ? $0.answer?.json : nil }),
            .textArray(rows.map { $0.answer?.content }),
            .jsonbArray(zip(rows, types).map { $1 == nil ? nil : $0.answer.map(Self.metadata) }),
            .int4Array(rows.map { $0.answer.map { Int32($0.version) } }), .int8(worker),
        ] + calls
    }

    /// The ledger's columns, a row per call.
    private var calls: [PostgresValue] {
        let rows = settlements.flatMap { settlement in settlement.calls.map { (step: settlement, call: $0) } }
        let calls = rows.map(\.call)
        let accounts = calls.map(\.account)
        // What is known by class, of a count or of an estimate.
        let tokens = accounts.map { $0.usage ?? $0.estimate }
        func count(_ value: Int?) -> Int32? { value.map { Int32(clamping: $0) } }
        return [
            .int8Array(rows.map(\.step.stepID)), .int4Array(rows.map { Int32($0.step.attempt) }),
            .int4Array(calls.map { Int32($0.number) }), .textArray(rows.map(\.step.taskID)),
            .textArray(rows.map(\.step.agentType)), .textArray(rows.map(\.step.kind.rawValue)),
            .textArray(calls.map(\.provider)), .textArray(calls.map(\.model)),
            .textArray(calls.map(\.outcome)), .int4Array(calls.map { count($0.httpStatus) }),
            .textArray(calls.map { $0.providerRequestID?.cut(to: 200).storable }),
            .int4Array(calls.map { Int32(clamping: $0.duration.inMilliseconds) }),
            .textArray(calls.map(\.purpose.rawValue)),
            .textArray(calls.map { $0.promptVersion?.cut(to: 40).storable }), .jsonbArray(calls.map(\.cuts)),
            .textArray(accounts.map(\.basis.rawValue)),
            .int4Array(accounts.map { count($0.usage?.inputTokens) }),
            .int4Array(accounts.map { count($0.usage?.outputTokens) }),
            .int4Array(accounts.map { count($0.estimate?.inputTokens) }),
            .int4Array(accounts.map { count($0.estimate?.outputTokens) }),
            .int4Array(tokens.map { count($0?.cacheReadTokens) }),
            .int4Array(tokens.map { count($0?.cacheWriteTokens) }),
            .int4Array(accounts.map { count($0.usage?.reasoningTokens) }),
            .int8Array(accounts.map { $0.cost?.millionths }), .int8Array(accounts.map { $0.expectedCost?.millionths }),
            .int8Array(accounts.map { $0.hold?.millionths }), .textArray(accounts.map(\.serviceTier)),
            .textArray(accounts.map { $0.price?.id }), .textArray(accounts.map { $0.price?.rates }),
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
