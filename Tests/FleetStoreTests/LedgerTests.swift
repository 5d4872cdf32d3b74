import FleetCore
import FleetStore
import FleetTesting
import PostgresClient
import TestServers
import Testing

/// What the ledger says of calls: what is proved, what is expected, what it may be at most.
@Suite(.timeLimit(.minutes(2))) struct LedgerTests {
    /// A call of every kind, written and read back: what the limiter was told is what the ledger says, to the token.
    @Test func whatTheLimiterCountedIsWhatTheLedgerSays() async throws {
        try await FleetFixture.run { fleet in
            let (step, worker) = try await fleet.claimFirst()
            let calls = Self.callsOfEveryKind(of: step)
            _ = try await fleet.steps.settle(
                [Settlement(step: step, outcome: .failed(error: "refused"), calls: calls)], worker: worker)
            let rows = try await fleet.pool.texts(
                """
                SELECT concat_ws(' ', kind, purpose, cost_basis, coalesce(prompt_tokens::text, '-'),
                                 coalesce(completion_tokens::text, '-'), coalesce(total_tokens::text, '-'),
                                 coalesce(estimated_input_tokens::text, '-'), coalesce(estimated_output_tokens::text, '-'),
                                 coalesce(cache_read_tokens::text, '-'), coalesce(reasoning_tokens::text, '-'),
                                 coalesce(cost_usd::text, '-'), coalesce(estimate_usd::text, '-'),
                                 coalesce(hold_usd::text, '-'))
                FROM ai_api_usage ORDER BY call_number
                """)
            #expect(
                rows == [
                    "task_analysis work none - - - - - - - 0.000000 - -",
                    "task_analysis work estimated - - - 150 70 0 - - 0.000500 0.005500",
                    "task_analysis work estimated - - - 300 70 10 - - 0.000641 0.005500",
                    "task_analysis work none 790 90 880 - - 50 60 0.000000 - -",
                    "task_analysis repair reported 790 90 880 - - 50 60 0.001205 - -",
                ])
            let counted = calls.reduce(0) { $0 + $1.account.counted.totalTokens }
            #expect(
                try await fleet.pool.integer(
                    """
                    SELECT sum(coalesce(prompt_tokens, estimated_input_tokens, 0)
                               + coalesce(completion_tokens, estimated_output_tokens, 0)) FROM ai_api_usage
                    """) == counted)
            #expect(
                try await fleet.pool.texts(
                    """
                    SELECT concat_ws(' ', price_id, price_rates, service_tier, prompt_version, cuts) FROM ai_api_usage
                    WHERE call_number = 5
                    """) == [
                        "test-model/2026-01-01/max/default 1.000000 0.100000 1.250000 5.000000 x 1.000000 default abc123 "
                            + #"[{"what": "context"}]"#
                    ])
            let detail = try await fleet.tasks.detail(of: step.taskID, owner: nil)
            #expect(
                detail.cost
                    == CostSums(
                        proved: Decimal6(millionths: 1205), expected: Decimal6(millionths: 2346),
                        atMost: Decimal6(millionths: 12_205)))
        }
    }

    private static func callsOfEveryKind(of step: ClaimedStep) -> [CallRecord] {
        let seen = ReportedUsage(
            TokenUsage(uncachedInputTokens: 290, cacheReadTokens: 10, outputTokens: 5), isFinal: false)
        let whole = ReportedUsage(
            TokenUsage(
                uncachedInputTokens: 700, cacheReadTokens: 50, cacheWriteTokens: 40, outputTokens: 90,
                reasoningTokens: 60), serviceTier: "default")
        var calls = [
            step.call(1, outcome: "rate_limited", .nothing, billed: .no, httpStatus: 429),
            step.call(2, outcome: "timed_out", .nothing, billed: .unknown, httpStatus: nil),
            step.call(3, outcome: "truncated", seen, billed: .unknown),
            step.call(4, outcome: "refused", whole, billed: .no), step.call(5, whole),
        ]
        calls[4].purpose = .repair
        calls[4].promptVersion = "abc123"
        calls[4].cuts = #"[{"what":"context"}]"#
        return calls
    }

    /// Expected is the median of what such calls have cost, at most what an attempt of the agent may cost.
    @Test(arguments: [true, false]) func ofALostAttemptNothingIsKnownButWhatItMayCost(bySweep: Bool) async throws {
        try await FleetFixture.run { fleet in
            try await fleet.pool.run(
                """
                INSERT INTO ai_api_usage (task_id, provider, model, kind, cost_basis, cost_usd, step_id, attempt, call_number,
                                          outcome)
                SELECT 'task', 'p', 'm', k.kind, 'reported', k.cost, 1000, 1, k.number, 'succeeded'
                FROM (VALUES ('task_analysis', 0.5, 1), ('task_analysis', 0.003, 2), ('task_analysis', 0.001, 3),
                             ('synthesis', 9, 4)) AS k (kind, cost, number)
                """)
            let (step, worker) = try await fleet.claimFirst()
            try await fleet.takeOver(step, from: worker, bySweep: bySweep)
            let hold = try #require(TestCatalogue.bounds[step.agentType, .taskAnalysis])
            #expect(
                try await fleet.pool.texts(
                    """
                    SELECT concat_ws(' ', attempt, kind, cost_basis, coalesce(total_tokens::text, '-'),
                                     coalesce(cost_usd::text, '-'), estimate_usd, hold_usd)
                    FROM ai_api_usage WHERE outcome = 'lost'
                    """) == ["1 task_analysis ambiguous - - 0.003000 \(hold)"])
            #expect(hold > Decimal6(millionths: 3000))
        }
    }

    @Test func withoutAnyCallBeforeNothingIsExpectedOfALostOne() async throws {
        try await FleetFixture.run { fleet in
            let (step, worker) = try await fleet.claimFirst()
            try await fleet.steps.retire(worker: worker)
            _ = try await fleet.scheduler.sweep(SweepPolicy())
            let cost = try await fleet.tasks.detail(of: step.taskID, owner: nil).cost
            #expect(cost.proved == .zero && cost.expected == .zero && cost.atMost > .zero)
        }
    }

    /// A worker that was given up too early comes back and books what it has paid.
    @Test func aLostAttemptThatBooksItsCallsLaterCountsNoMore() async throws {
        try await FleetFixture.run { fleet in
            let (step, worker) = try await fleet.claimFirst()
            try await fleet.silence(worker)
            let other = try await fleet.worker("other")
            _ = try await fleet.claim([step.stepID], worker: other, redelivered: true)
            let calls = [step.call(1, outcome: "invalid_answer"), step.call(2)]
            var late = Settlement(step: step, outcome: .failed(error: "no"), calls: calls)

            // Some of its calls cannot be booked: something is lost for good.
            late.isComplete = false
            #expect(try await fleet.steps.settle([late], worker: worker) == [.stale])
            #expect(try await Self.lost(fleet) == ["lost ambiguous"])
            late.isComplete = true
            #expect(try await fleet.steps.settle([late], worker: worker) == [.stale])
            #expect(try await Self.lost(fleet) == ["resolved none"])
            let cost = try await fleet.tasks.detail(of: step.taskID, owner: nil).cost
            #expect(
                cost
                    == CostSums(
                        proved: Decimal6(millionths: 400), expected: Decimal6(millionths: 400),
                        atMost: Decimal6(millionths: 400)))

            // Or the attempt that runs now counts as one of a silent worker, too.
            _ = try await fleet.steps.heartbeat(worker: other, WorkerReport(running: 1))
            let key = RateLimitKey(provider: "openai", credential: "c", limitClass: "test")
            let recent = try await LedgerReader(pool: fleet.pool, models: [TestCatalogue.model]).recentUse(of: key)
            #expect(recent.calls.map(\.holder).sorted() == calls.map { "step-\(step.stepID)-1-\($0.number)" })
        }
    }

    /// The takeover commits while the settlement waits for the step's row: the settlement's own snapshot has no lost
    /// row.
    @Test func aTakeoverThatCommitsMeanwhileIsSeenAllTheSame() async throws {
        try await FleetFixture.run { fleet in
            let (step, worker) = try await fleet.claimFirst()
            let takeover = """
                UPDATE steps SET attempt = 2, worker_id = NULL, state = 'ready' WHERE step_id = \(step.stepID);
                INSERT INTO ai_api_usage (task_id, provider, model, kind, cost_basis, hold_usd, step_id, attempt, call_number,
                                          outcome)
                VALUES ('\(step.taskID)', 'unknown', 'unknown', 'task_analysis', 'ambiguous', 1, \(step.stepID), 1, 0, 'lost')
                """
            let settlement = Settlement(step: step, outcome: .failed(error: "no"), calls: [step.call()])
            try await withThrowingTaskGroup(of: [SettlementResult].self) { group in
                try await fleet.holding(takeover) {
                    group.addTask { try await fleet.steps.settle([settlement], worker: worker) }
                    try await fleet.waitForBlockedSessions(1)
                }
                #expect(try await group.next() == [.stale])
            }
            #expect(try await Self.lost(fleet) == ["resolved none"])
        }
    }

    private static func lost(_ fleet: FleetFixture) async throws -> [String] {
        try await fleet.pool.texts("SELECT concat_ws(' ', outcome, cost_basis) FROM ai_api_usage WHERE call_number = 0")
    }

    @Test func agentsKeepTheirBoundsUpToDate() async throws {
        try await FleetFixture.run { fleet in
            let bound = try #require(TestCatalogue.bounds["analyst", .synthesis]).millionths
            let query = "SELECT (attempt_bounds ->> 'synthesis')::int8 FROM agents WHERE agent_id = 'analyst'"
            #expect(try await fleet.pool.integer(query) == bound)
            try await fleet.scheduler.register(
                TestCatalogue.agents.agents,
                bounds: AttemptBounds(
                    agents: TestCatalogue.agents.agents, models: [TestCatalogue.model],
                    inputs: InputManifest(kinds: [.synthesis: InputManifest.Kind(cap: 500, sections: [])])))
            #expect(try await fleet.pool.integer(query) < bound)
        }
    }
}
