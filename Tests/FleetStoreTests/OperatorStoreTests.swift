import FleetCore
import FleetStore
import JSON
import PostgresClient
import TestServers
import Testing

/// What the command line asks of the rows.
@Suite(.timeLimit(.minutes(1)))
struct OperatorStoreTests {
    private static let action = OperatorAction(actor: "olga", reason: "quieter")

    private func withStore(_ body: (PostgresPool, OperatorStore) async throws -> Void) async throws {
        try await TaskRepositoryDatabase.run { pool, _ in try await body(pool, OperatorStore(pool: pool)) }
    }

    @Test func anEmptyFleetHasNoBacklogAndAnEmptyLedger() async throws {
        try await withStore { _, store in
            let backlog = try await store.backlog()
            #expect(backlog.isEmpty)
            #expect(
                try await store.ledger(ofBatch: "none") == BatchLedger(subtasks: 0, calls: 0, cost: CostSums()))
            #expect(try await store.workers(includingEnded: true).isEmpty)
            #expect(try await store.livingWorkers() == 0)
            #expect(try await store.serverVersion().contains("."))
        }
    }

    @Test func theBacklogCountsWhatIsOpenByAgentType() async throws {
        try await withStore { pool, store in
            _ = try await PostgresTaskRepository(pool: pool).submit([.sample(), .sample()])
            try await pool.run(
                """
                INSERT INTO agents (agent_id, agent_type, role, capabilities, model_config)
                VALUES ('manager', 'manager', 'manager', '[]', '{}');
                INSERT INTO steps (step_id, task_id, kind, agent_type, state, priority, fair_tag)
                SELECT n, 't', 'subtask_execution', 'legal',
                       (ARRAY['ready', 'ready', 'dispatched', 'running', 'parked', 'succeeded'])[n], 2, n
                FROM generate_series(1, 6) n;
                INSERT INTO dead_letters (agent_type, reason, resolved_at)
                VALUES ('legal', 'crash_loop', NULL), ('legal', 'crash_loop', now()), ('writer', 'crash_loop', NULL)
                """)
            let lines = try await store.backlog().map {
                "\($0.agentType) \($0.ready) \($0.dispatched) \($0.running) \($0.parked) \($0.dead)"
            }
            #expect(lines == ["legal 2 1 1 1 1", "manager 2 0 0 0 0", "writer 0 0 0 0 1"])
        }
    }

    @Test func aBatchHasTakenWhatItsTasksHave() async throws {
        try await withStore { pool, store in
            let repository = PostgresTaskRepository(pool: pool)
            let tasks = try await repository.submit([.sample(batch: "b"), .sample("u2", batch: "b"), .sample()])
            for (index, task) in tasks.enumerated() {
                try await pool.run(
                    """
                    INSERT INTO ai_api_usage (step_id, attempt, call_number, task_id, agent_id, kind, provider, model,
                                              outcome, cost_basis, cost_usd, estimate_usd)
                    VALUES (\(index), 1, 1, '\(task.id)', 'a', 'k', 'p', 'm', 'succeeded', 'reported', 0.5, NULL),
                           (\(index), 1, 2, '\(task.id)', 'a', 'k', 'p', 'm', 'lost', 'ambiguous', NULL, 0.25)
                    """)
            }
            let ledger = try await store.ledger(ofBatch: "b")
            #expect(ledger.calls == 4 && ledger.subtasks == 0)
            #expect(ledger.cost.proved == Decimal6(millionths: 1_000_000))
            #expect(ledger.cost.expected == Decimal6(millionths: 1_500_000))
        }
    }

    @Test func workersThatHaveEndedAreHistory() async throws {
        try await withStore { pool, store in
            let steps = PostgresStepStore(pool: pool)
            for name in ["b", "a", "c"] {
                _ = try await steps.register(name: name, agentTypes: ["legal", "writer"], slots: 3)
            }
            try await pool.run("UPDATE workers SET state = 'lost' WHERE name = 'a'")
            try await pool.run("UPDATE workers SET heartbeat_at = now() - interval '1 minute' WHERE name = 'c'")
            let living = try await store.workers(includingEnded: false)
            #expect(living.map(\.name) == ["b", "c"])
            #expect(living.first?.agentTypes == ["legal", "writer"])
            #expect(living.first?.slots == 3)
            #expect((living.last?.heartbeatAge ?? 0) >= 60)
            #expect(try await store.workers(includingEnded: true).map(\.state) == ["lost", "active", "active"])
            #expect(try await store.livingWorkers() == 1)
        }
    }

    @Test func aNewLimitStartsFromTheOneInForce() async throws {
        try await withStore { _, store in
            // Nothing is set: the defaults.
            var setting = try await store.changeLimits(provider: "openai", limitClass: "*", Self.action) {
                $0.inputTokens = 10
            }
            #expect(setting.limits == RateLimits(requests: 3500, tokens: 90_000, inputTokens: 10, concurrency: 100))
            // The class follows its provider's row, and from then on has its own.
            setting = try await store.changeLimits(provider: "openai", limitClass: "gpt", Self.action) { limits in
                limits.tokens = nil
                limits.concurrency = 3
            }
            #expect(setting.limits == RateLimits(requests: 3500, inputTokens: 10, concurrency: 3))
            setting = try await store.changeLimits(provider: "openai", limitClass: "gpt", Self.action) {
                $0.requests = 1
            }
            #expect(setting.limits == RateLimits(requests: 1, inputTokens: 10, concurrency: 3))
            let all = try await store.limits()
            #expect(all.map(\.limitClass) == ["*", "gpt"])
            // Only what still says the same is taken back.
            try await store.removeLimits([all[0], LimitSetting(provider: "openai", limitClass: "gpt", limits: .init())])
            #expect(try await store.limits() == [setting])
            try await store.setLimitsIfNone([all[0]])
            #expect(try await store.limits() == [setting])
        }
    }

    @Test func aLimitThatIsTakenBackLeavesTheOneBehindIt() async throws {
        try await withStore { _, store in
            _ = try await store.changeLimits(provider: "openai", limitClass: "*", Self.action) { $0.requests = 7 }
            _ = try await store.changeLimits(provider: "openai", limitClass: "gpt", Self.action) { $0.requests = 9 }
            let behind = try await store.removeLimits(provider: "openai", limitClass: "gpt", Self.action)
            #expect(behind.limits.requests == 7)
            let specified = try await store.removeLimits(provider: "openai", limitClass: "*", Self.action)
            #expect(specified.limits == .specified(for: "openai"))
            #expect(try await store.limits().isEmpty)
            let error = await #expect(throws: OperatorError.self) {
                _ = try await store.removeLimits(provider: "openai", limitClass: "gpt", Self.action)
            }
            #expect(error?.code == .notFound)
            // Nothing is written of what did not happen.
            let entries = try await store.audit(AuditFilter(), limit: 10)
            #expect(entries.map(\.action) == ["limit.remove", "limit.remove", "limit.set", "limit.set"])
            #expect(entries[1].before?["requests_per_minute"]?.int == 9)
        }
    }

    @Test func theAuditLogIsReadByActorActionAndObject() async throws {
        try await withStore { _, store in
            for (actor, verb, object) in [
                ("anna", "queue.pause", "queue/writer"), ("otto", "queue.resume", "queue/writer"),
                ("anna", "queues.purge", "queue/writer2"), ("anna", "limit.set", "limit/openai/*"),
            ] {
                try await store.note(OperatorAction(actor: actor, reason: "why"), verb, object)
            }
            func actions(_ filter: AuditFilter, limit: Int = 10) async throws -> [String] {
                try await store.audit(filter, limit: limit).map(\.action)
            }
            #expect(try await actions(AuditFilter(actor: "anna")) == ["limit.set", "queues.purge", "queue.pause"])
            #expect(try await actions(AuditFilter(action: "queue")) == ["queue.resume", "queue.pause"])
            #expect(try await actions(AuditFilter(action: "queue.pause")) == ["queue.pause"])
            #expect(try await actions(AuditFilter(object: "queue/writer")) == ["queue.resume", "queue.pause"])
            #expect(try await actions(AuditFilter(object: "queue")).count == 3)
            let page = try await store.audit(AuditFilter(), limit: 2)
            #expect(try await actions(AuditFilter(before: page.last?.id)) == ["queue.resume", "queue.pause"])
        }
    }

    @Test func aResetReachesTheWorkersAndTheStepsThatWait() async throws {
        try await withStore { pool, store in
            let circuit = CircuitReport(
                provider: "openai", model: "m", reason: .unauthorized, error: "HTTP 401", openedAt: 1_000_000,
                probesAt: 1_000_001)
            let steps = PostgresStepStore(pool: pool)
            let worker = try await steps.register(name: "w", agentTypes: ["manager"], slots: 1)
            _ = try await steps.heartbeat(worker: worker, WorkerReport(running: 0, circuits: [circuit]))
            try await pool.run(
                """
                INSERT INTO steps (step_id, task_id, kind, agent_type, state, priority, fair_tag, not_before, wait_reason)
                SELECT n, 't', 'task_analysis', 'manager', 'parked', 2, n, now() + interval '1 hour',
                       CASE WHEN n = 1 THEN 'circuit_open' ELSE 'backoff' END FROM generate_series(1, 2) n
                """)
            #expect(try await store.openCircuits() == [CircuitRow(circuit: circuit, workers: 1, allWorkers: 1)])
            let (workers, released) = try await store.resetCircuits(provider: "openai", model: nil, Self.action)
            #expect(workers == 1 && released == 1)
            let soon = "SELECT step_id::text FROM steps WHERE not_before < now() + interval '1 minute'"
            #expect(try await pool.texts(soon) == ["1"])
            let resets = try await steps.heartbeat(worker: worker, WorkerReport(running: 0)).resets
            #expect(resets.map(\.provider) == ["openai"])
            // What the worker says next is what is shown.
            _ = try await steps.heartbeat(worker: worker, WorkerReport(running: 0, circuits: []))
            #expect(try await store.openCircuits() == [])
        }
    }
}
