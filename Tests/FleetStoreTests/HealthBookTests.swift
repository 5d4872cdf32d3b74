import FleetCore
import FleetStore
import FleetTesting
import PostgresClient
import TestServers
import Testing

/// Canaries and schedulers on the rows, and what is read of them.
@Suite(.timeLimit(.minutes(1))) struct HealthBookTests {
    private static let type = "data_scientist"

    private func facts(_ fleet: FleetFixture) async throws -> HealthFacts {
        try await fleet.pool.withSession { try HealthReader.read($0) }
    }

    private func queue(_ fleet: FleetFixture) async throws -> QueueFacts {
        try #require(try await facts(fleet).queues.first { $0.agentType == Self.type })
    }

    private func state(_ fleet: FleetFixture) async throws -> PartHealth.State {
        // Of many queues at once what is unknown is one part.
        var facts = try await facts(fleet)
        facts.queues.removeAll { $0.agentType != Self.type }
        return try #require(facts.parts.first { $0.kind == .queue }).state
    }

    private func look(
        _ book: PostgresHealthBook, ready: Int = 0, consumers: Int = 1, mayBeLost: Bool = false
    ) async throws -> [Canary] {
        try await book.note(
            [QueueSighting(agentType: Self.type, ready: ready, consumers: consumers)], mayBeLost: mayBeLost)
    }

    /// The worker tells that it has heard this canary just now.
    private func answer(
        _ fleet: FleetFixture, _ worker: Int, canary: Int, running: Int = 0, isDeaf: Bool = false
    ) async throws -> Heartbeat {
        let now = try await fleet.pool.integer("SELECT (extract(epoch FROM now()) * 1000000)::int8")
        return try await fleet.steps.heartbeat(
            worker: worker,
            WorkerReport(
                running: running,
                hearing: [
                    Self.type: QueueHearing(
                        canary: canary, canaryAt: canary == 0 ? nil : now, quietSince: now, isDeaf: isDeaf)
                ]))
    }

    /// As if so much time had passed since all that is written.
    private func pass(_ seconds: Int, _ fleet: FleetFixture) async throws {
        try await fleet.pool.run(
            """
            UPDATE canaries SET looked_at = looked_at - interval '\(seconds) seconds',
                seen_at = seen_at - interval '\(seconds) seconds', sent_at = sent_at - interval '\(seconds) seconds',
                heard_at = heard_at - interval '\(seconds) seconds',
                silent_since = silent_since - interval '\(seconds) seconds'
            """)
    }

    @Test func ofSeveralSchedulersOneSendsOneCanary() async throws {
        try await FleetFixture.run { fleet in
            let books = (0..<8).map { _ in PostgresHealthBook(pool: fleet.pool) }
            let taken = try await withThrowingTaskGroup(of: [String].self) { group in
                for book in books { group.addTask { try await book.takeCanaries(of: [Self.type, "writer"]) } }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(taken.sorted() == [Self.type, "writer"])
            try await pass(5, fleet)
            #expect(try await books[3].takeCanaries(of: [Self.type, "writer"]).count == 2)
        }
    }

    @Test func anUnansweredCanaryIsNotFollowedByAnotherUntilItIsLost() async throws {
        try await FleetFixture.run { fleet in
            let (book, worker) = (PostgresHealthBook(pool: fleet.pool), try await fleet.worker())
            _ = try await book.takeCanaries(of: [Self.type])
            #expect(try await look(book) == [Canary(agentType: Self.type, number: 1)])
            #expect(try await look(book).isEmpty)
            // It lies in the queue.
            try await pass(30, fleet)
            #expect(try await look(book, ready: 1).isEmpty)
            // It was purged.
            #expect(try await look(book, ready: 0).map(\.number) == [2])
            // The broker was another one.
            #expect(try await look(book, ready: 1, mayBeLost: true).map(\.number) == [3])
            _ = try await answer(fleet, worker, canary: 3)
            #expect(try await look(book).map(\.number) == [4])
            // Among tickets it may be lost as well.
            try await pass(61, fleet)
            #expect(try await look(book, ready: 9).map(\.number) == [5])
        }
    }

    @Test func nothingIsSentWhereNobodyConsumesAndWhatWasNotTakenWasNotSent() async throws {
        try await FleetFixture.run { fleet in
            let book = PostgresHealthBook(pool: fleet.pool)
            _ = try await book.takeCanaries(of: [Self.type])
            #expect(try await look(book, consumers: 0).isEmpty)
            let sent = try await look(book)
            #expect(sent.map(\.number) == [1])
            try await book.withdraw(sent)
            #expect(try await look(book).map(\.number) == [1])
        }
    }

    @Test func aCanaryThatComesBackProvesThatTheQueueIsConsumed() async throws {
        try await FleetFixture.run { fleet in
            let (book, worker) = (PostgresHealthBook(pool: fleet.pool), try await fleet.worker(slots: 2))
            _ = try await answer(fleet, worker, canary: 0)
            _ = try await book.takeCanaries(of: [Self.type])
            _ = try await look(book)
            #expect(try await state(fleet) == .unknown)
            let heartbeat = try await answer(fleet, worker, canary: 1)
            #expect(heartbeat.canaries.map(\.agentType) == [Self.type])
            #expect(heartbeat.canaries.map(\.number) == [1] && heartbeat.canaries.map(\.consumers) == [1])
            #expect(try await state(fleet) == .healthy)
            let age = try #require(try await queue(fleet).canaryAge)
            #expect(age < 5)
        }
    }

    @Test func workersWithFreePlacesThatTakeNothingAreFoundAndBusyOnesAreNot() async throws {
        try await FleetFixture.run { fleet in
            let (book, worker) = (PostgresHealthBook(pool: fleet.pool), try await fleet.worker(slots: 2))
            _ = try await answer(fleet, worker, canary: 0)
            _ = try await book.takeCanaries(of: [Self.type])
            for consumers in [1, 0] {
                _ = try await look(book, consumers: consumers)
                try await pass(30, fleet)
                _ = try await book.takeCanaries(of: [Self.type])
                _ = try await look(book, consumers: consumers)
                #expect(try await state(fleet) == .ill, "\(consumers) consumers")
                // Every place is taken: it cannot take any, and stops consuming.
                _ = try await answer(fleet, worker, canary: 0, running: 2)
                #expect(try await state(fleet) == .healthy)
                _ = try await look(book, consumers: consumers)
                // Free again: it gets its time.
                _ = try await answer(fleet, worker, canary: 0)
                _ = try await look(book, consumers: consumers)
                #expect(try await state(fleet) != .ill)
            }
        }
    }

    @Test func withoutWorkersAndWithoutSchedulersItIsSaid() async throws {
        try await FleetFixture.run { fleet in
            #expect(try await state(fleet) == .degraded)
            try await fleet.pool.run(
                """
                INSERT INTO steps (step_id, task_id, kind, agent_type, state, priority, fair_tag)
                VALUES (1, 't', 'subtask_execution', '\(Self.type)', 'ready', 2, 1)
                """)
            #expect(try await state(fleet) == .ill)
            _ = try await fleet.worker()
            #expect(try await state(fleet) == .unknown)
            #expect(try await facts(fleet).parts.first?.state == .ill)
        }
    }

    @Test func theDepthIsOfTicketsAlone() async throws {
        try await FleetFixture.run { fleet in
            let (book, worker) = (PostgresHealthBook(pool: fleet.pool), try await fleet.worker())
            let id = try await book.register(scheduler: "s")
            _ = try await book.takeCanaries(of: [Self.type])
            _ = try await look(book)
            // On its way.
            #expect(try await book.beat(scheduler: id, turns: []) == [])
            try await pass(2, fleet)
            #expect(try await book.beat(scheduler: id, turns: []) == [Self.type])
            _ = try await answer(fleet, worker, canary: 1)
            #expect(try await book.beat(scheduler: id, turns: []) == [])
        }
    }

    @Test func aSchedulerThatIsSilentIsSeenAndOneThatWasForgottenBeginsAnew() async throws {
        try await FleetFixture.run { fleet in
            let book = PostgresHealthBook(pool: fleet.pool)
            let id = try await book.register(scheduler: "s")
            #expect(
                try await book.beat(scheduler: id, turns: [SchedulerTurn(duty: "advance", age: .milliseconds(200))])
                    != nil)
            #expect(try await facts(fleet).parts.prefix(2).allSatisfy { $0.state == .healthy })
            try await fleet.pool.run("UPDATE schedulers SET heartbeat_at = heartbeat_at - interval '20 seconds'")
            let ill = try await facts(fleet)
            #expect(ill.parts.prefix(2).map(\.state) == [.ill, .ill])
            #expect(ill.parts[0].reason.contains("not been heard of for 20 s"))
            #expect(ill.parts[1].reason.contains("has advanced anything for 20 s"))
            // Another one does the work.
            let other = try await book.register(scheduler: "o")
            _ = try await book.beat(scheduler: other, turns: [SchedulerTurn(duty: "advance", age: .zero)])
            let both = try await facts(fleet).parts.prefix(3)
            #expect(both.map(\.state) == [.healthy, .degraded, .healthy])
            // One duty stands, the others come round.
            _ = try await book.beat(scheduler: id, turns: [SchedulerTurn(duty: "advance", age: .seconds(15))])
            try await book.retire(scheduler: other)
            try await fleet.pool.run("UPDATE schedulers SET heartbeat_at = now() - interval '1 hour' WHERE name = 'o'")
            #expect(try await facts(fleet).parts[0].reason.contains("its duty advance has not come round for 15 s"))
            try await fleet.pool.run("DELETE FROM schedulers")
            #expect(try await book.beat(scheduler: id, turns: []) == nil)
        }
    }

    /// A ticket for step 0 is what a worker without canaries sees in one.
    @Test func aWorkerOfAnOlderVersionFindsNothingToClaimInACanary() async throws {
        try await FleetFixture.run { fleet in
            let worker = try await fleet.worker()
            let body = Array(Canary(agentType: Self.type, number: 7).json.utf8)
            let step = try #require(Ticket.stepID(in: body))
            #expect(try await fleet.claim([step], worker: worker).isEmpty)
            #expect(try await fleet.claim([step], worker: worker, redelivered: true).isEmpty)
            #expect(try await fleet.pool.integer("SELECT count(*) FROM dead_letters") == 0)
        }
    }

    @Test func aDeafWorkerIsNamed() async throws {
        try await FleetFixture.run { fleet in
            let worker = try await fleet.worker("w")
            _ = try await answer(fleet, worker, canary: 3, isDeaf: true)
            let part = try #require(try await facts(fleet).parts.first { $0.kind == .worker })
            #expect(part.state == .degraded && part.reason.contains("from \(Self.type)"))
        }
    }

    @Test func whyNamesTheSchedulerBeforeAllElse() async throws {
        try await FleetFixture.run { fleet in
            let reader = PostgresWaitReader(pool: fleet.pool)
            let book = PostgresHealthBook(pool: fleet.pool)
            let task = try #require(try await fleet.tasks.submit([.sample()]).first).id
            func reason() async throws -> String? { try await reader.task(task)?.explanation?.reason }
            #expect(try await reason() != "scheduler")
            let id = try await book.register(scheduler: "s")
            _ = try await book.beat(scheduler: id, turns: [SchedulerTurn(duty: "advance", age: .seconds(1))])
            #expect(try await reason() != "scheduler")
            try await fleet.pool.run("UPDATE schedulers SET heartbeat_at = heartbeat_at - interval '30 seconds'")
            #expect(try await reason() == "scheduler")
            try await fleet.advance()
            let step = try #require(try await reader.task(task)?.openSteps.first)
            #expect(step.explanation.reason == "scheduler")
            #expect(step.explanation.what.contains("no scheduler has advanced anything for 31 s"))
        }
    }
}
