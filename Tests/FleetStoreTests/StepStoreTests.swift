import FleetCore
import FleetStore
import FleetTesting
import JSON
import PostgresClient
import TestServers
import Testing

/// Claims, leases and settlements: what keeps paid work from being lost or doubled.
@Suite(.timeLimit(.minutes(2))) struct StepStoreTests {
    @Test func aStepIsClaimedOnceHoweverManyTicketsThereAre() async throws {
        try await FleetFixture.run { fleet in
            try await fleet.submit([.sample()])
            let ids = try await fleet.scheduler.dispatch(limitPerQueue: 10).map(\.stepID)
            let workers = try await [fleet.worker("a"), fleet.worker("b"), fleet.worker("c")]
            let claimed = try await withThrowingTaskGroup(of: Int.self) { group in
                for worker in workers {
                    for _ in 0..<5 {
                        group.addTask { try await fleet.claim(ids + ids, worker: worker).count }
                    }
                }
                return try await group.reduce(0, +)
            }
            #expect(claimed == 1)
        }
    }

    @Test func aStaleAttemptChangesNothingButItsCallsAreInTheLedger() async throws {
        try await FleetFixture.run { fleet in
            let taskID = try await fleet.submit([.sample()])[0]
            let (first, second) = try await (fleet.worker("a"), fleet.worker("b"))
            let old = try #require(try await fleet.claimAll(worker: first).first)
            try await fleet.silence(first)
            let new = try #require(try await fleet.claim([old.stepID], worker: second, redelivered: true).first)
            #expect(new.attempt == old.attempt + 1)

            var generator = SeededGenerator(seed: 1)
            let stale = try await fleet.steps.settle([old.succeeded(using: &generator)], worker: first)
            #expect(stale == [.stale])
            #expect(try await fleet.pool.integer("SELECT count(*) FROM step_results") == 0)
            #expect(try await fleet.pool.texts("SELECT state FROM steps") == ["running"])

            let applied = try await fleet.steps.settle([new.succeeded(using: &generator)], worker: second)
            #expect(applied == [.applied])
            #expect(try await fleet.pool.integer("SELECT count(*) FROM step_results") == 1)
            // Both calls were made; the takeover was noted before anybody knew how the first one ended, and it was
            // told.
            let outcomes = try await fleet.pool.texts(
                "SELECT outcome FROM ai_api_usage WHERE task_id = '\(taskID)' ORDER BY attempt, call_number")
            #expect(outcomes == ["resolved", "succeeded", "succeeded"])
        }
    }

    /// The others of the batch are claimed as ever.
    @Test func aStepThatNobodyCanReadIsADeadLetter() async throws {
        try await FleetFixture.run { fleet in
            try await fleet.submit([.sample(), .sample()])
            let ids = try await fleet.scheduler.dispatch(limitPerQueue: 10).map(\.stepID)
            try await fleet.pool.run("UPDATE steps SET kind = 'unheard_of' WHERE step_id = \(ids[0])")
            let claimed = try await fleet.claim(ids, worker: try await fleet.worker())
            #expect(claimed.map(\.stepID) == [ids[1]])
            #expect(try await fleet.pool.texts("SELECT state FROM steps WHERE step_id = \(ids[0])") == ["dead"])
            #expect(try await fleet.pool.texts("SELECT reason FROM dead_letters") == ["unreadable"])
            #expect(try await fleet.pool.integer("SELECT count(*) FROM task_wakeups") == 1)
        }
    }

    /// What a provider says may hold what the database cannot.
    @Test func errorsAndRequestIDsWithNULAreKept() async throws {
        try await FleetFixture.run { fleet in
            let (step, worker) = try await fleet.claimFirst()
            var call = step.call()
            call.providerRequestID = "a\0b" + String(repeating: "e\u{301}", count: 200)
            let settlement = Settlement(step: step, outcome: .failed(error: "c\0d"), calls: [call])
            #expect(try await fleet.steps.settle([settlement], worker: worker) == [.applied])
            #expect(try await fleet.pool.texts("SELECT error FROM steps") == ["c\u{FFFD}d"])
            #expect(
                try await fleet.pool.texts("SELECT left(provider_request_id, 3) FROM ai_api_usage") == ["a\u{FFFD}b"])
        }
    }

    /// Without Redis for a night, a step has been parked more often than a SMALLINT can count.
    @Test func aStepMayWaitForCapacityAsOftenAsItTakes() async throws {
        try await FleetFixture.run { fleet in
            let (step, worker) = try await fleet.claimFirst()
            try await fleet.pool.run("UPDATE steps SET throttles = 32767, failures = 32767")
            for countsAsFailure in [false, true] {
                let parked = StepOutcome.retry(
                    after: .zero, reason: .limiterUnavailable, error: nil, countsAsFailure: countsAsFailure)
                try await fleet.pool.run("UPDATE steps SET state = 'running', worker_id = \(worker)")
                let settlement = Settlement(step: step, outcome: parked, calls: [])
                #expect(try await fleet.steps.settle([settlement], worker: worker) == [.applied])
            }
            #expect(try await fleet.pool.texts("SELECT throttles || ' ' || failures FROM steps") == ["32767 32767"])
        }
    }

    /// A cancellation leaves running steps to their workers; one that is parked or handed back at the same moment
    /// would stay open, and nobody would claim it.
    @Test(arguments: ["parked", "dispatched", "running"])
    func aStepThatACancellationMissedEnds(state: String) async throws {
        try await FleetFixture.run { fleet in
            let (step, worker) = try await fleet.claimFirst()
            try await fleet.pool.run(
                """
                UPDATE steps SET state = '\(state)', not_before = now(), wait_reason = 'rate_limit_slot',
                    worker_id = \(state == "running" ? "\(worker)" : "NULL");
                UPDATE tasks SET cancel_epoch = cancel_epoch + 1, workflow_state = 'cancelled', status = 'cancelled'
                """)
            switch state {
            case "parked": #expect(try await fleet.scheduler.releaseParked(limit: 10).tickets.isEmpty)
            case "dispatched":
                _ = try await fleet.scheduler.sweep(SweepPolicy(ticketGrace: .zero, queueDepths: ["manager": 0]))
            default: try await fleet.steps.giveBack([step.stepID], worker: worker, claimedBefore: FleetFixture.later)
            }
            #expect(try await fleet.pool.texts("SELECT state FROM steps") == ["cancelled"])
            #expect(try await fleet.pool.integer("SELECT count(*) FROM steps WHERE finished_at IS NULL") == 0)
        }
    }

    /// What a worker does not call stands in its row until that changes, and it hears of an operator's wish once.
    @Test func circuitsAndWishesToCloseThemAreExchanged() async throws {
        try await FleetFixture.run { fleet in
            let worker = try await fleet.worker()
            let report = CircuitReport(
                provider: "openai", model: "m", reason: .unauthorized, error: "HTTP 401", openedAt: 1, probesAt: 2)
            _ = try await fleet.steps.heartbeat(worker: worker, WorkerReport(running: 0, circuits: [report]))
            _ = try await fleet.steps.heartbeat(worker: worker, WorkerReport(running: 0))
            let texts = try await fleet.pool.texts("SELECT circuits::text FROM workers")
            #expect(try texts.map { try JSONValue(parsing: $0) } == [.array([report.json])])
            try await fleet.pool.run("INSERT INTO circuit_resets (provider) VALUES ('openai'), (NULL)")
            let resets = try await fleet.steps.heartbeat(worker: worker, WorkerReport(running: 0)).resets
            #expect(resets.map(\.provider) == ["openai", nil])
            let last = try #require(resets.last?.number)
            #expect(
                try await fleet.steps.heartbeat(worker: worker, WorkerReport(running: 0, lastReset: last)).resets == [])
            // They are read long before that.
            try await fleet.pool.run("UPDATE circuit_resets SET requested_at = now() - interval '2 hours'")
            _ = try await fleet.scheduler.sweep(SweepPolicy())
            #expect(try await fleet.pool.integer("SELECT count(*) FROM circuit_resets") == 0)
        }
    }

    /// One that is carried out late, after the worker has claimed the step properly.
    @Test func givingBackTakesNoStepThatWasClaimedSince() async throws {
        try await FleetFixture.run { fleet in
            let worker = try await fleet.worker()
            let before = try await fleet.steps.heartbeat(worker: worker, WorkerReport(running: 0)).databaseTime
            try await fleet.submit([.sample()])
            let step = try #require(try await fleet.claimAll(worker: worker).first)
            try await fleet.steps.giveBack([step.stepID], worker: worker, claimedBefore: before)
            #expect(try await fleet.pool.texts("SELECT state FROM steps") == ["running"])
            let after = try await fleet.steps.heartbeat(worker: worker, WorkerReport(running: 0)).databaseTime
            try await fleet.steps.giveBack([step.stepID], worker: worker, claimedBefore: after)
            #expect(try await fleet.pool.texts("SELECT state FROM steps") == ["ready"])
        }
    }

    @Test func anAnswerThatTheDatabaseCannotHoldIsARefusal() async throws {
        try await FleetFixture.run { fleet in
            let (step, worker) = try await fleet.claimFirst()
            let answer = StepOutcome.Answer(json: #"{"a":"b"}"#, content: "a\0", confidence: nil, version: 1)
            let settlement = Settlement(step: step, outcome: .succeeded(answer), calls: [])
            let refusal = await #expect(throws: StoreFailure.self) {
                try await fleet.steps.settle([settlement], worker: worker)
            }
            #expect(refusal?.kind == .refusal)
        }
    }

    /// Cancelled while it ran: it has ended, however its worker ends it.
    @Test func aStepThatEndsByACancellationHasAnEnd() async throws {
        try await FleetFixture.run { fleet in
            let ids = try await fleet.submit([.sample(), .sample()])
            let worker = try await fleet.worker()
            let steps = try await fleet.claimAll(worker: worker)
            for id in ids { _ = try await fleet.tasks.cancel(id, owner: nil) }
            let parked = StepOutcome.retry(after: .seconds(9), reason: .backoff, error: nil, countsAsFailure: true)
            _ = try await fleet.steps.settle([Settlement(step: steps[0], outcome: parked, calls: [])], worker: worker)
            try await fleet.steps.retire(worker: worker)
            _ = try await fleet.scheduler.sweep(SweepPolicy(maximumCrashes: 1))
            #expect(try await fleet.pool.texts("SELECT state FROM steps") == ["cancelled", "cancelled"])
            #expect(
                try await fleet.pool.integer(
                    "SELECT count(*) FROM steps WHERE finished_at IS NOT NULL AND error IS NULL")
                    == 2)
        }
    }

    @Test func aTicketThatCameBackIsNotTakenFromALiveWorker() async throws {
        try await FleetFixture.run { fleet in
            try await fleet.submit([.sample()])
            let (first, second) = try await (fleet.worker("a"), fleet.worker("b"))
            let step = try #require(try await fleet.claimAll(worker: first).first)
            let results = try await fleet.steps.claim(
                [ClaimRequest(stepID: step.stepID, isRedelivered: true)], worker: second, deadAfter: .seconds(5))
            guard case .heldByQuietWorker(let heartbeat)? = results.first else {
                Issue.record("the step was taken")
                return
            }
            _ = try await fleet.steps.heartbeat(worker: first, WorkerReport(running: 1))
            let again = try await fleet.steps.claim(
                [ClaimRequest(stepID: step.stepID, isRedelivered: true)], worker: second, deadAfter: .seconds(5))
            guard case .heldByQuietWorker(let later)? = again.first else {
                Issue.record("the step was taken")
                return
            }
            #expect(later > heartbeat)
        }
    }

    @Test func settlingTheSameBatchTwiceChangesNothing() async throws {
        try await FleetFixture.run { fleet in
            try await fleet.submit([.sample(), .sample()])
            let worker = try await fleet.worker()
            var generator = SeededGenerator(seed: 1)
            let settlements = try await fleet.claimAll(worker: worker).map { $0.succeeded(using: &generator) }
            #expect(try await fleet.steps.settle(settlements, worker: worker) == [.applied, .applied])
            #expect(try await fleet.steps.settle(settlements, worker: worker) == [.stale, .stale])
            #expect(try await fleet.pool.integer("SELECT count(*) FROM ai_api_usage") == 2)
            #expect(try await fleet.pool.integer("SELECT count(*) FROM task_wakeups") == 2)
        }
    }

    @Test func aRetryParksTheStepUntilItsTimeAndThenItIsReadyAgain() async throws {
        try await FleetFixture.run { fleet in
            let (step, worker) = try await fleet.claimFirst()
            let outcome = StepOutcome.retry(
                after: .seconds(60), reason: .backoff, error: "server_error", countsAsFailure: true)
            _ = try await fleet.steps.settle([Settlement(step: step, outcome: outcome, calls: [])], worker: worker)
            let early = try await fleet.scheduler.releaseParked(limit: 10)
            #expect(early.released == 0)
            #expect(try #require(early.nextDue) > .seconds(50))
            try await fleet.pool.run("UPDATE steps SET not_before = now()")
            #expect(try await fleet.scheduler.releaseParked(limit: 10).released == 1)
            let again = try #require(try await fleet.claimAll(worker: worker).first)
            #expect(again.failures == 1)
            #expect(again.attempt == 2)
        }
    }

    @Test func aReservedSlotThatHasComeIsDispatchedAtOnceAndRemembered() async throws {
        try await FleetFixture.run { fleet in
            let (step, worker) = try await fleet.claimFirst()
            let outcome = StepOutcome.retry(
                after: .zero, reason: .reservedTurn, error: nil, countsAsFailure: false)
            _ = try await fleet.steps.settle([Settlement(step: step, outcome: outcome, calls: [])], worker: worker)
            let report = try await fleet.scheduler.releaseParked(limit: 10)
            #expect(report.tickets.map(\.stepID) == [step.stepID])
            let again = try #require(try await fleet.claim([step.stepID], worker: worker).first)
            #expect(again.holdsTurn)
            #expect(again.failures == 0)
        }
    }

    @Test func whatIsHandedBackIsReadyAndHasCostNothing() async throws {
        try await FleetFixture.run { fleet in
            let (step, worker) = try await fleet.claimFirst()
            _ = try await fleet.steps.settle(
                [Settlement(step: step, outcome: .handedBack, calls: [])], worker: worker)
            let again = try #require(try await fleet.claimAll(worker: worker).first)
            #expect(again.failures == 0 && again.throttles == 0)
        }
    }

    @Test func aCancelledTasksStepIsReportedAndItsAnswerIsNotStored() async throws {
        try await FleetFixture.run { fleet in
            let taskID = try await fleet.submit([.sample()])[0]
            let worker = try await fleet.worker()
            let step = try #require(try await fleet.claimAll(worker: worker).first)
            try await fleet.pool.run(
                "UPDATE tasks SET cancel_epoch = 1, workflow_state = 'cancelled', status = 'cancelled' WHERE task_id = '\(taskID)'"
            )
            let heartbeat = try await fleet.steps.heartbeat(worker: worker, WorkerReport(running: 1))
            #expect(heartbeat.cancelledSteps == [step.stepID])
            var generator = SeededGenerator(seed: 1)
            _ = try await fleet.steps.settle([step.succeeded(using: &generator)], worker: worker)
            #expect(try await fleet.pool.texts("SELECT state FROM steps") == ["cancelled"])
            #expect(try await fleet.pool.integer("SELECT count(*) FROM step_results") == 0)
            // Usage already paid is recorded.
            #expect(try await fleet.pool.integer("SELECT count(*) FROM ai_api_usage") == 1)
        }
    }

    @Test func aDeadStepIsADeadLetterAndWakesItsTask() async throws {
        try await FleetFixture.run { fleet in
            let taskID = try await fleet.submit([.sample()])[0]
            let worker = try await fleet.worker()
            let step = try #require(try await fleet.claimAll(worker: worker).first)
            _ = try await fleet.steps.settle(
                [Settlement(step: step, outcome: .dead(error: "gave up"), calls: [])], worker: worker)
            #expect(try await fleet.pool.texts("SELECT reason FROM dead_letters") == ["retries_exhausted"])
            try await fleet.advance()
            #expect(try await fleet.pool.texts("SELECT status FROM tasks WHERE task_id = '\(taskID)'") == ["failed"])
        }
    }
}
