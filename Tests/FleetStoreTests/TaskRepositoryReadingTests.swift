import FleetCore
import FleetStore
import JSON
import PostgresClient
import TestServers
import Testing

@Suite(.timeLimit(.minutes(2)))
struct TaskRepositoryReadingTests {
    @Test(arguments: TaskQuery.Sort.allCases, TaskQuery.Order.allCases)
    func pagesCoverTheListOnce(_ sort: TaskQuery.Sort, _ order: TaskQuery.Order) async throws {
        try await TaskRepositoryDatabase.run { pool, tasks in
            // Many share one time, so that the tie-break is exercised.
            for _ in 0..<3 {
                _ = try await tasks.submit((0..<9).map { .sample("u", priority: Priority.allCases[$0 % 4]) })
            }
            var query = TaskQuery()
            (query.sort, query.order, query.limit, query.userID) = (sort, order, 5, "u")
            query.statuses = [.pending, .failed]
            var byPage: [TaskSummary] = []
            for page in 0..<6 {
                query.offset = page * 5
                let result = try await tasks.list(query)
                #expect(result.total == 27)
                byPage += result.tasks
            }
            #expect(Set(byPage.map(\.id)).count == 27)

            guard sort != .priority else {
                let ranks = byPage.map(\.priority.rank)
                #expect(ranks == ranks.sorted { order == .descending ? $0 < $1 : $0 > $1 })
                return
            }
            query.offset = 0
            var byCursor: [TaskSummary] = []
            repeat {
                let result = try await tasks.list(query)
                byCursor += result.tasks
                query.after = result.next
            } while query.after != nil
            #expect(byCursor == byPage)
        }
    }

    @Test func filtersCombine() async throws {
        try await TaskRepositoryDatabase.run { pool, tasks in
            _ = try await tasks.submit([.sample("a", batch: "x"), .sample("a"), .sample("b", batch: "x")])
            var query = TaskQuery()
            query.batch = "x"
            #expect(try await tasks.list(query).total == 2)
            query.userID = "a"
            #expect(try await tasks.list(query).tasks.map(\.batch) == ["x"])
            query.statuses = [.failed]
            #expect(try await tasks.list(query).total == 0)
        }
    }

    @Test func detailShowsPlanStepsCostAndAnswer() async throws {
        try await TaskRepositoryDatabase.run { pool, tasks in
            let task = NewTask.sample()
            _ = try await tasks.submit([task])
            try await pool.run(
                """
                INSERT INTO agents (agent_id, agent_type, capabilities, model_config, role)
                VALUES ('writer', 'writer', '["prose"]', '{}', 'specialist'),
                       ('manager', 'manager', '[]', '{}', 'manager');
                UPDATE tasks SET plan_number = 2;
                INSERT INTO subtasks (subtask_id, task_id, assigned_agent_id, title, description, plan_number, ordinal,
                                      plan_key, depends_on, status, acceptance_status, best_score)
                VALUES ('old', '\(task.id)', 'writer', 'Old', 'd', 1, 0, 's1', '{}', 'completed', 'accepted', 9),
                       ('st2', '\(task.id)', 'writer', 'Two', 'd', 2, 1, 's2', '{s1}', 'pending', NULL, NULL),
                       ('st1', '\(task.id)', 'writer', 'One', 'd', 2, 0, 's1', '{}', 'completed', 'accepted', 8.5);
                INSERT INTO steps (step_id, task_id, subtask_id, kind, agent_type, state, priority, fair_tag,
                                   wait_reason, not_before)
                VALUES (1, '\(task.id)', 'st2', 'subtask_execution', 'writer', 'parked', 2, 1, 'backoff', now()),
                       (2, '\(task.id)', 'st1', 'subtask_execution', 'writer', 'succeeded', 2, 1, NULL, NULL);
                INSERT INTO ai_api_usage (task_id, provider, model, kind, cost_basis, cost_usd, estimate_usd, hold_usd,
                                          step_id, attempt, call_number, outcome)
                VALUES ('\(task.id)', 'p', 'm', 'k', 'reported', 0.012345, NULL, NULL, 1, 1, 1, 'succeeded'),
                       ('\(task.id)', 'p', 'm', 'k', 'none', 0, NULL, NULL, 1, 1, 2, 'rate_limited'),
                       ('\(task.id)', 'p', 'm', 'k', 'estimated', NULL, 0.002, 0.03, 1, 1, 3, 'timed_out'),
                       ('\(task.id)', 'p', 'm', 'k', 'ambiguous', NULL, NULL, 0.5, 1, 2, 0, 'lost');
                INSERT INTO solutions (solution_id, task_id, agent_id, solution_type, content, metadata, version,
                                       created_at)
                VALUES ('f1', '\(task.id)', 'writer', 'final', 'first', '{}', 1, now() - interval '1 minute'),
                       ('f2', '\(task.id)', 'writer', 'final', 'second', '{"partial": true}', 2, now())
                """)
            let detail = try await tasks.detail(of: task.id, owner: "u1")
            #expect(detail.subtasks.map(\.id) == ["st1", "st2"])
            #expect(detail.subtasks[1].dependencies == ["st1"])
            #expect(detail.subtasks[0].score == 8.5)
            #expect(detail.openSteps.map(\.waitReason) == ["backoff"])
            #expect(detail.openSteps[0].notBefore != nil)
            #expect(
                detail.cost
                    == CostSums(
                        proved: Decimal6(millionths: 12_345), expected: Decimal6(millionths: 14_345),
                        atMost: Decimal6(millionths: 542_345)))
            #expect(detail.answer?.content == "second")
            #expect(detail.answer?.metadata == ["partial": true])
            #expect(detail.answer?.version == 2)
            #expect(try #require(detail.answer?.completedAt) >= detail.summary.createdAt)
            #expect(detail.summary.workflowState == "pending")
            #expect(try await tasks.agentTypes().map(\.type) == ["manager", "writer"])
        }
    }

    @Test func keysAreFoundByTheirHashUntilRevoked() async throws {
        try await TaskRepositoryDatabase.run { pool, tasks in
            let key = APIKey(name: "k", role: .user, userID: "u1")
            try await tasks.register(key, secret: "mxa_secret")
            try await tasks.register(key, secret: "mxa_secret")
            #expect(try await tasks.key(forSecret: "mxa_secret") == key)
            #expect(try await tasks.key(forSecret: "mxa_other") == nil)
            try await pool.run("UPDATE api_keys SET revoked_at = now()")
            #expect(try await tasks.key(forSecret: "mxa_secret") == nil)
            #expect(try await pool.integer("SELECT count(*) FROM api_keys WHERE length(key_hash) = 32") == 1)
        }
    }
}
