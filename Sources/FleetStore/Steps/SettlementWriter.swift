import FleetCore
import PostgresClient

/// The settle statement and its parameters: a table of settlements, and a row per call for the ledger.
struct SettlementWriter {
    private let outcomes: [Outcome]
    private let calls: [Call]

    /// In order of id, so that concurrent batches lock rows in the same order.
    init(_ settlements: [Settlement]) {
        let settlements = settlements.sorted { $0.stepID < $1.stepID }
        outcomes = settlements.map(Outcome.init)
        calls = settlements.flatMap { settlement in settlement.calls.map { Call(settlement: settlement, call: $0) } }
    }

    func parameters(worker: Int) -> [PostgresValue] {
        Self.outcomeTable.values(of: outcomes) + Self.callTable.values(of: calls) + [.int8(worker)]
    }

    /// What becomes of a step's row, and its answer.
    struct Outcome: Sendable {
        let settlement: Settlement
        let effect: StepOutcome.Effect
        /// Nil without an answer, and for one that is no solution.
        let solutionType: String?

        init(_ settlement: Settlement) {
            self.settlement = settlement
            effect = settlement.outcome.effect
            solutionType = effect.answer == nil ? nil : settlement.kind.solutionType
        }

        /// The structured answer of what is no solution.
        var output: String? { solutionType == nil ? effect.answer?.json : nil }

        /// Of a solution: the structured answer without the text that stands in `content`.
        var metadata: String? {
            guard solutionType != nil, let answer = effect.answer else { return nil }
            return SolutionMetadata(answer).json
        }
    }

    /// A call, with the attempt that made it.
    struct Call: Sendable {
        let settlement: Settlement
        let call: CallRecord

        var account: CallAccount { call.account }
        /// What is known by class, of a count or of an estimate.
        var tokens: TokenUsage? { account.usage ?? account.estimate }
    }

    static let outcomeTable = ParameterTable<Outcome>([
        .int8("step_id", \.settlement.stepID), .int4("attempt", \.settlement.attempt),
        .text("state", \.effect.state.rawValue), .float8("delay", \.effect.delay?.inSeconds),
        .text("wait_reason", \.effect.waitReason?.rawValue), .text("error", \.effect.error?.storable),
        .int4("failures", \.effect.failures), .int4("throttles", \.effect.throttles),
        .text("solution_type", \.solutionType), .text("output", \.output), .text("content", \.effect.answer?.content),
        .jsonb("metadata", \.metadata), .int4("version", \.effect.answer?.version),
    ])

    /// By the names of the ledger's columns, except for money, which is in micro-dollars here.
    static let callTable = ParameterTable<Call>(
        from: outcomeTable.next,
        [
            .int8("step_id", \.settlement.stepID), .int4("attempt", \.settlement.attempt),
            .int4("call_number", \.call.number), .text("task_id", \.settlement.taskID),
            .text("agent_id", \.settlement.agentType), .text("kind", \.settlement.kind.rawValue),
            .text("provider", \.call.provider), .text("model", \.call.model), .text("outcome", \.call.outcome),
            .int4("http_status", \.call.httpStatus),
            .text("provider_request_id") { $0.call.providerRequestID?.cut(to: 200).storable },
            .int4("duration_ms", \.call.duration.inMilliseconds), .text("purpose", \.call.purpose.rawValue),
            .text("prompt_version") { $0.call.promptVersion?.cut(to: 40).storable }, .jsonb("cuts", \.call.cuts),
            .text("cost_basis", \.account.basis.rawValue), .int4("prompt_tokens", \.account.usage?.inputTokens),
            .int4("completion_tokens", \.account.usage?.outputTokens),
            .int4("estimated_input_tokens", \.account.estimate?.inputTokens),
            .int4("estimated_output_tokens", \.account.estimate?.outputTokens),
            .int4("cache_read_tokens", \.tokens?.cacheReadTokens),
            .int4("cache_write_tokens", \.tokens?.cacheWriteTokens),
            .int4("reasoning_tokens", \.account.usage?.reasoningTokens), .int8("cost", \.account.cost?.millionths),
            .int8("estimate", \.account.expectedCost?.millionths), .int8("hold", \.account.hold?.millionths),
            .text("service_tier", \.account.serviceTier), .text("price_id", \.account.price?.id),
            .text("price_rates", \.account.price?.rates),
        ])
    /// A query for the last of the calls that step `d` is settled with, else of those that are in the ledger.
    static let lastCall = """
        SELECT provider, model, prompt_version FROM (
            SELECT v.provider, v.model, v.prompt_version, v.attempt, v.call_number FROM \(callTable)
            WHERE v.step_id = d.step_id
            UNION ALL
            SELECT provider, model, prompt_version, attempt, call_number FROM ai_api_usage u
            WHERE u.step_id = d.step_id AND u.outcome NOT IN ('lost', 'resolved')) calls
        ORDER BY attempt DESC, call_number DESC LIMIT 1
        """
    /// The parameter after both tables.
    static let worker = callTable.parameter()
}
