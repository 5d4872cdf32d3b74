import FleetCore
import FleetStore
import FleetTesting
import PostgresClient
import Synchronization

/// One seed: a fleet's stores on a real database, its parties interleaved, then peace, then the verdict.
package struct InterleavingRun {
    private let plan: InterleavingPlan
    private let database: InterleavingDatabase
    private let fault: PlantedFault?
    private let stage: Stage

    private init(_ plan: InterleavingPlan, on database: InterleavingDatabase, fault: PlantedFault?) {
        self.plan = plan
        self.database = database
        self.fault = fault
        stage = Stage(plan: plan)
    }

    /// Runs a plan. Errors are those of the run itself; what the stores did wrong is in the report.
    package static func run(
        _ plan: InterleavingPlan, on database: InterleavingDatabase, fault: PlantedFault? = nil
    ) async throws -> InterleavingReport {
        let run = InterleavingRun(plan, on: database, fault: fault)
        try await database.reset()
        let calm = Calm(stage: run.stage, pool: database.observer)
        let workers = try await calm.prepare()
        try await run.interleave(workers)
        try await calm.finish(workers)
        return try await run.report()
    }

    /// Leaves out parties and operations as long as the plan still breaks the same invariant.
    package static func minimise(
        _ plan: InterleavingPlan, breaking invariant: String, on database: InterleavingDatabase,
        fault: PlantedFault? = nil
    ) async throws -> InterleavingReport {
        var least = try await run(plan, on: database, fault: fault)
        var isSmaller = true
        while isSmaller {
            isSmaller = false
            for plan in least.plan.lesser {
                let report = try await run(plan, on: database, fault: fault)
                guard report.violations.contains(where: { $0.hasPrefix(invariant) }) else { continue }
                least = report
                isSmaller = true
                break
            }
        }
        return least
    }

    private func interleave(_ workers: [SharedWorker]) async throws {
        let seats = plan.parties.indices.map { database.seat($0) }
        for (seat, part) in zip(seats, plan.parties) {
            // Of a deadlock's parties always the same one looks first and gives way.
            let settings = "SET plan_cache_mode = '\(plan.planMode)'; SET deadlock_timeout = '\(3 + 5 * part.index)ms'"
            try await seat.pool.withSession { try $0.executeSimple(settings) }
        }
        for (index, seat) in seats.enumerated() { seat.gate.attach(stage.interleaver, party: index, fault: fault) }
        defer { for seat in seats { seat.gate.detach() } }
        let stage = stage
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (part, seat) in zip(plan.parties, seats) {
                let generator = SeededGenerator(seed: plan.seed &* 1009 &+ UInt64(part.index))
                let party = Self.party(part.role, stage, seat, workers, generator)
                group.addTask {
                    await stage.play(party, operations: part.operations, name: part.role.description, gate: seat.gate)
                }
            }
            try await database.observer.withSession { session in try stage.interleaver.run(session) }
            try await group.waitForAll()
        }
    }

    private static func party(
        _ role: InterleavingPlan.Role, _ stage: Stage, _ seat: InterleavingDatabase.Seat, _ workers: [SharedWorker],
        _ generator: SeededGenerator
    ) -> any Party {
        let (pool, gate) = (seat.pool, seat.gate)
        switch role {
        case .scheduler:
            return SchedulerParty(
                stage: stage, store: PostgresWorkflowStore(pool: pool), gate: gate, generator: generator)
        case .taker(let number):
            return TakerParty(
                stage: stage, process: workers[number - 1], pool: pool, store: PostgresStepStore(pool: pool),
                gate: gate,
                generator: generator)
        case .ender(let number):
            return EnderParty(
                stage: stage, process: workers[number - 1], store: PostgresStepStore(pool: pool), gate: gate,
                generator: generator)
        case .waiter(let number):
            return WaiterParty(
                stage: stage, process: workers[number - 1], store: PostgresStepStore(pool: pool), gate: gate,
                generator: generator)
        case .straggler(let number):
            return StragglerParty(process: workers[number - 1], store: PostgresStepStore(pool: pool), gate: gate)
        case .stone: return StoneParty(pool: pool, gate: gate, generator: generator)
        case .fleetOperator:
            return OperatorParty(
                stage: stage, control: PostgresQueueControl(pool: pool), desk: PostgresDeadLetterDesk(pool: pool),
                book: PostgresOperationBook(pool: pool), gate: gate, generator: generator)
        case .owner(let number):
            return OwnerParty(
                stage: stage, store: PostgresTaskRepository(pool: pool), gate: gate, number: number,
                generator: generator)
        }
    }

    private func report() async throws -> InterleavingReport {
        let content = stage.journal.all
        let violations = try await database.observer.withSession { session in
            var judge = Judge(plan: plan, journal: content)
            try judge.judge(session)
            return judge.violations
        }
        let steps = try await database.observer.withSession { session in
            try session.execute(PostgresStatement("interleaver_steps", "SELECT count(*) FROM steps")).only() as Int
        }
        return InterleavingReport(
            plan: plan, violations: violations + stage.interleaver.deadlocks.map { "L: deadlock: \($0)" },
            trace: stage.interleaver.trace, steps: steps, claims: content.claims.count,
            exactTurns: stage.interleaver.exactTurns)
    }
}
