import Autoscaling
import FleetCore
import FleetStore
import FleetTesting
import PostgresClient
import TestServers
import Testing

/// What the rows say about the work that waits, whatever it waits for.
@Suite(.timeLimit(.minutes(2))) struct ScalingReaderTests {
    private func read(_ fleet: FleetFixture) async throws -> ScalingReader.Reading {
        try await fleet.pool.withSession { try ScalingReader.read($0) }
    }

    private func type(_ fleet: FleetFixture, _ name: String) async throws -> TypeBacklog {
        try #require(try await read(fleet).types.first { $0.agentType == name })
    }

    /// Steps of one type, with what is not the same for all of them.
    private func insert(
        _ fleet: FleetFixture, _ count: Int, _ state: String, type: String = "manager", priority: Int = 2,
        _ columns: String = "wait_reason", _ values: String = "NULL"
    ) async throws {
        try await fleet.pool.run(
            """
            INSERT INTO steps (step_id, task_id, kind, agent_type, state, priority, fair_tag, \(columns))
            SELECT nextval('step_ids'), 't', 'task_analysis', '\(type)', '\(state)', \(priority), n, \(values)
            FROM generate_series(1, \(count)) n
            """)
    }

    @Test func everyTypeIsThereWithItsRoleAlsoWithoutWork() async throws {
        try await FleetFixture.run { fleet in
            let reading = try await read(fleet)
            let agents = TestCatalogue.agents.agents
            #expect(reading.types.map(\.agentType) == agents.map(\.type).sorted())
            for type in reading.types {
                #expect(type.role == agents.first { $0.type == type.agentType }?.role)
                #expect(type == TypeBacklog(agentType: type.agentType, role: type.role))
            }
        }
    }

    @Test func newTasksAreReadyStepsOfTheTypeThatTheyBeginWith() async throws {
        try await FleetFixture.run { fleet in
            _ = try await fleet.tasks.submit((0..<30).map { _ in .sample(priority: .low) })
            _ = try await fleet.tasks.submit([.sample(priority: .urgent)])
            let before = try await type(fleet, "manager")
            #expect(before.waiting == [.low: .init(ready: 30), .urgent: .init(ready: 1)])
            #expect(before.oldestAge != nil)
            // Taking them up moves them, and doubles none.
            try await fleet.pool.run("UPDATE agent_queues SET ticket_window = 5")
            try await fleet.advance()
            #expect(try await type(fleet, "manager").backlog == 31)
            // One that could not be advanced has its turn later.
            try await fleet.pool.run("UPDATE tasks SET updated_at = now() WHERE workflow_state = 'pending'")
            #expect(try await type(fleet, "manager").backlog < 31)
        }
    }

    @Test func eachStateIsCountedAndParkedStepsByWhatTheyWaitFor() async throws {
        try await FleetFixture.run { fleet in
            try await insert(fleet, 3, "ready", "created_at", "now() - interval '1 minute'")
            try await insert(fleet, 4, "dispatched", priority: 0)
            try await insert(fleet, 5, "running")
            for reason in StepOutcome.WaitReason.allCases {
                try await insert(fleet, 2, "parked", priority: 1, "wait_reason", "'\(reason.rawValue)'")
            }
            for state in ["succeeded", "failed", "cancelled", "dead"] { try await insert(fleet, 9, state) }
            let type = try await type(fleet, "manager")
            let waits = StepOutcome.WaitReason.allCases
            #expect(type.waiting[.medium] == .init(ready: 3))
            #expect(type.waiting[.high] == .init(forCapacity: 2 * waits.count { $0.isForCapacity }))
            #expect(type.dispatched == 4 && type.running == 5 && type.parked == 2 * waits.count)
            #expect(type.admissible(places: 64) == 7)
            #expect(try #require(type.oldestAge) >= .seconds(60))
        }
    }

    /// A step that was parked for an hour has waited since its time came.
    @Test func whatWasParkedWaitsSinceItsTimeCame() async throws {
        try await FleetFixture.run { fleet in
            try await insert(
                fleet, 1, "ready", "created_at, not_before",
                "now() - interval '1 hour', now() - interval '2 seconds'")
            #expect(try #require(try await type(fleet, "manager").oldestAge) < .seconds(60))
        }
    }

    @Test func pausedTypesAreClosedAndThoseThatLeftAreNotThere() async throws {
        try await FleetFixture.run { fleet in
            try await insert(fleet, 500, "ready")
            try await fleet.pool.run("UPDATE agent_queues SET is_paused = TRUE WHERE agent_type = 'manager'")
            #expect(try await type(fleet, "manager").admissible(places: 64) == 0)
            #expect(try await type(fleet, "manager").backlog == 500)
            try await fleet.pool.run("UPDATE agent_queues SET retired_at = now() WHERE agent_type = 'manager'")
            #expect(try await read(fleet).types.contains { $0.agentType == "manager" } == false)
        }
    }

    /// The policy counts as dispatch sends: it may never say that there is work while nothing goes out, and the other way
    /// round.
    @Test(arguments: [0, 20, 64, 65, 200]) func whatCountsIsWhatDispatchSends(waiting: Int) async throws {
        try await FleetFixture.run { fleet in
            try await fleet.pool.run("UPDATE agent_queues SET ticket_window = 1000")
            try await insert(fleet, waiting, "parked", priority: 1, "wait_reason", "'circuit_open'")
            try await insert(fleet, 30, "ready", priority: 0)
            try await insert(fleet, 40, "ready", priority: 3)
            let counted = try await type(fleet, "manager").admissible(
                places: Int(PostgresWorkflowStore.parkedStepsPerType))
            let sent = try await fleet.scheduler.dispatch(limitPerQueue: 1000).count
            // Between half of the places and all of them only those count that are left.
            #expect(waiting == 64 ? counted == 30 : counted == sent)
            #expect(sent == (waiting > 64 ? 30 : 70))
        }
    }

    @Test func workersAreThoseThatLive() async throws {
        try await FleetFixture.run { fleet in
            let (one, two, gone) = try await (
                fleet.worker("one", slots: 7), fleet.worker("two"), fleet.worker("gone")
            )
            _ = try await fleet.steps.heartbeat(worker: one, WorkerReport(running: 3))
            _ = try await fleet.steps.heartbeat(worker: two, WorkerReport(running: 1, isDraining: true))
            try await fleet.silence(gone)
            let workers = try await read(fleet).workers
            #expect(workers.map(\.name) == ["one", "two"])
            #expect(workers.map(\.running) == [3, 1] && workers.map(\.isDraining) == [false, true])
            #expect(workers[0].slots == 7 && workers[0].agentTypes.contains("manager"))
        }
    }

    @Test func aDatabaseWithoutACatalogueIsNotKnownToBeEmpty() async throws {
        try await TaskRepositoryDatabase.run { pool, _ in
            let error = await #expect(throws: StoreError.self) {
                _ = try await pool.withSession { try ScalingReader.read($0) }
            }
            #expect(error?.code == .notRegistered)
        }
    }
}
