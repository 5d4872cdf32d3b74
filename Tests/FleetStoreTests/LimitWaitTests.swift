import FleetCore
import FleetStore
import FleetTesting
import JSON
import PostgresClient
import TestServers
import Testing

/// Running steps whose first call waits for a limit: what the rows say, and what a takeover makes of it.
@Suite(.timeLimit(.minutes(2))) struct LimitWaitTests {
    private static let wait = LimitWait(provider: "openai", limitClass: "luna", cause: .concurrency)

    private func note(
        _ fleet: FleetFixture, _ step: ClaimedStep, _ wait: LimitWait?, worker: Int, waited: Duration = .seconds(3)
    ) async throws -> Bool {
        let note = LimitWaitNote(stepID: step.stepID, attempt: step.attempt, wait: wait, waited: waited)
        return try await fleet.steps.note([note], worker: worker) == [true]
    }

    private func lost(_ fleet: FleetFixture) async throws -> Int {
        try await fleet.pool.integer("SELECT count(*) FROM ai_api_usage WHERE outcome = 'lost'")
    }

    /// A hundred steps that waited were a hundred calls that somebody might have to pay.
    @Test(arguments: [true, false]) func ofAnAttemptThatWaitedNothingIsLost(bySweep: Bool) async throws {
        try await FleetFixture.run { fleet in
            let (step, worker) = try await fleet.claimFirst()
            #expect(try await note(fleet, step, Self.wait, worker: worker))
            try await fleet.takeOver(step, from: worker, bySweep: bySweep)
            #expect(try await lost(fleet) == 0)
            // Its worker was not dead: it asks before it calls, and hears that it must not.
            #expect(try await note(fleet, step, nil, worker: worker) == false)
        }
    }

    @Test(arguments: [true, false]) func whoMayHaveCalledIsLost(bySweep: Bool) async throws {
        try await FleetFixture.run { fleet in
            let (step, worker) = try await fleet.claimFirst()
            #expect(try await note(fleet, step, Self.wait, worker: worker))
            #expect(try await note(fleet, step, nil, worker: worker))
            // An answer was lost: it asks again. And a note of before comes late.
            #expect(try await note(fleet, step, nil, worker: worker))
            #expect(try await note(fleet, step, Self.wait, worker: worker))
            try await fleet.takeOver(step, from: worker, bySweep: bySweep)
            #expect(try await lost(fleet) == 1)
        }
    }

    @Test func aNoteIsOfOneAttemptOfOneWorker() async throws {
        try await FleetFixture.run { fleet in
            let (step, worker) = try await fleet.claimFirst()
            let other = try await fleet.worker("other")
            #expect(try await note(fleet, step, Self.wait, worker: other) == false)
            #expect(try await note(fleet, step, Self.wait, worker: worker))
            let again = Settlement(
                step: step, outcome: .retry(after: .zero, reason: .backoff, error: nil, countsAsFailure: false),
                calls: [])
            _ = try await fleet.steps.settle([again], worker: worker)
            #expect(try await note(fleet, step, Self.wait, worker: worker) == false)
            // The next attempt knows nothing of it.
            _ = try await fleet.scheduler.releaseParked(limit: 10)
            #expect(try await fleet.claim([step.stepID], worker: worker).count == 1)
            try await fleet.takeOver(step, from: worker, bySweep: true)
            #expect(try await lost(fleet) == 1)
        }
    }

    @Test func notesOfTwoAttemptsAtOneStepAreTwo() async throws {
        try await FleetFixture.run { fleet in
            let (step, worker) = try await fleet.claimFirst()
            let notes = [1, 2].map { LimitWaitNote(stepID: step.stepID, attempt: $0, wait: Self.wait) }
            #expect(try await fleet.steps.note(notes, worker: worker) == [true, false])
            let ends = [2, 1].map { LimitWaitNote(stepID: step.stepID, attempt: $0, wait: nil) }
            #expect(try await fleet.steps.note(notes + ends, worker: worker) == [true, false, false, true])
            try await fleet.takeOver(step, from: worker, bySweep: true)
            #expect(try await lost(fleet) == 1)
        }
    }

    /// What takes the wait back is not committed yet when the takeover begins: what counts is the row that it gets to lock.
    @Test func aTakeoverThatHadToWaitSeesWhatItWaitedFor() async throws {
        try await FleetFixture.run { fleet in
            let (step, worker) = try await fleet.claimFirst()
            #expect(try await note(fleet, step, Self.wait, worker: worker))
            try await fleet.silence(worker)
            let other = try await fleet.worker("other")
            let (locked, signal) = AsyncStream<Void>.makeStream()
            async let taken = {
                for await _ in locked { break }
                return try await fleet.claim([step.stepID], worker: other, redelivered: true).count
            }()
            try await fleet.pool.withSession { session in
                try session.executeSimple(
                    "BEGIN; UPDATE steps SET limit_wait = 'null' WHERE step_id = \(step.stepID)")
                signal.yield()
                // What pg_stat_activity says stays the same within a transaction.
                let blocked = PostgresStatement("test_blocked", "SELECT count(*) FROM pg_locks WHERE NOT granted")
                while try session.execute(blocked).only() as Int == 0 {}
                try session.executeSimple("COMMIT")
            }
            #expect(try await taken == 1)
            #expect(try await lost(fleet) == 1)
        }
    }

    @Test func whyNamesTheLimitAndSaysThatWorkersDoNotHelp() async throws {
        try await FleetFixture.run { fleet in
            try await fleet.submit((0..<4).map { _ in .sample("anna") })
            let worker = try await fleet.worker()
            let step = try #require(try await fleet.claimAll(worker: worker).first)
            let reader = PostgresWaitReader(pool: fleet.pool)
            #expect(try await reader.step(step.stepID)?.explanation.reason == "running")
            #expect(try await note(fleet, step, Self.wait, worker: worker))
            let running = try #require(try await reader.step(step.stepID)?.explanation)
            #expect(running.reason == "concurrency_limit")
            #expect(running.what.contains("as many calls of openai/luna are under way"))
            #expect(running.start.contains("mixmyai limit set openai/luna --concurrency N"))
            try await fleet.pool.run(
                """
                UPDATE steps SET state = 'ready', worker_id = NULL
                WHERE step_id IN (SELECT step_id FROM steps WHERE state = 'running' AND step_id <> \(step.stepID))
                """)
            let last = try await fleet.pool.integer(
                "SELECT step_id FROM steps WHERE state = 'ready' ORDER BY priority DESC, fair_tag DESC, step_id DESC LIMIT 1"
            )
            let ready = try #require(try await reader.step(last)?.explanation)
            #expect(ready.reason == "fair_share" && ready.start.contains("more workers do not help"))
            #expect(ready.what.contains("1 running step of"))

            let rows = try await fleet.pool.withSession { try FleetRowsReader.read($0) }
            #expect(rows.limitedCalls.map(\.wait) == [Self.wait] && rows.limitedCalls.map(\.steps) == [1])
            #expect((2.5...60).contains(rows.limitedCalls[0].longest))
            #expect(try await note(fleet, step, nil, worker: worker))
            #expect(try await reader.step(step.stepID)?.explanation.reason == "running")
            #expect(try await reader.step(last)?.explanation.start.contains("worker scale") == true)
        }
    }

    private static func facts(running: Int, waiting: Int, ready: Int) -> BatchFacts {
        var facts = BatchFacts(batchID: "b", name: "b", userID: "u")
        facts.waiting = [
            .init(agentType: "legal", state: .running, waitReason: nil, steps: running, until: nil),
            .init(
                agentType: "legal", state: .running, waitReason: nil, limitWait: wait, steps: waiting, until: nil),
            .init(agentType: "legal", state: .ready, waitReason: nil, steps: ready, until: nil),
        ].filter { $0.steps > 0 }
        return facts
    }

    @Test(arguments: [
        (24, 40, 500, "concurrency_limit"), (24, 3, 500, "concurrency_limit"), (24, 2, 500, "workers"),
        (24, 0, 500, "workers"), (24, 40, 0, "concurrency_limit"), (24, 0, 0, "calls"),
    ]) func aBatchIsBoundByTheLimitThatItsPlacesWaitFor(running: Int, waiting: Int, ready: Int, reason: String) {
        let binding = Self.facts(running: running, waiting: waiting, ready: ready).binding
        #expect(binding?.reason == reason)
        if reason == "concurrency_limit" {
            #expect(binding?.what == "the limit of calls at once of openai/luna, not places of workers")
        }
    }

    @Test(arguments: LimitWait.Cause.allCases) func everyCauseHasItsSentence(cause: LimitWait.Cause) {
        var facts = StepFacts(stepID: 1, kind: "k", agentType: "legal", state: .running, attempt: 1)
        facts.holder = StepFacts.Holder(name: "w", heartbeatAge: 0)
        facts.limitWait = LimitWait(provider: "p", limitClass: "c", cause: cause)
        let explanation = facts.explanation
        #expect(explanation.reason != "running" && explanation.what.contains("p/c") && explanation.start.count > 10)
        #expect(LimitWait(LimitWait(provider: "p", limitClass: "c", cause: cause).json)?.cause == cause)
    }
}
