import ProcessProbes
import Testing

@testable import FleetBoot

struct ReadinessTests {
    private struct Secret: Error { var text = "postgres://user:password@host" }

    @Test func aProcessIsReadyOnceItHasStartedAndItsNeedsAreMet() async {
        let readiness = ReadinessSwitch()
        #expect(!readiness.current.isReady)
        readiness.setChecks { [Readiness.Check("broker")] }
        #expect(readiness.current.isReady)

        let database = DependencyProbe("database") {}
        readiness.need(database)
        #expect(readiness.current.checks.map(\.problem) == [nil, "it has not been asked yet"])
        await database.ask()
        #expect(readiness.current == Readiness(checks: [Readiness.Check("broker"), Readiness.Check("database")]))
        readiness.drain()
        #expect(!readiness.current.isReady)
    }

    @Test func detailsDecideNothing() async {
        let readiness = ReadinessSwitch()
        readiness.setChecks { [] }
        let redis = DependencyProbe("redis") { throw Secret() }
        readiness.show([redis])
        await redis.ask()
        #expect(readiness.current == Readiness())
        #expect(readiness.details == [Readiness.Check("redis", problem: "it cannot be reached")])
        #expect(throws: (any Error).self) { try redis.require() }
    }

    @Test func ourOwnWordsAreShownAndOthersAreNot() async {
        let workers = DependencyProbe("workers") { throw BootError(.database, "no worker is alive") }
        await workers.ask()
        #expect(workers.problem == "no worker is alive")
        let database = DependencyProbe("database") { throw Secret() }
        await database.ask()
        #expect(database.problem == "it cannot be reached")
    }

    /// A server that hangs holds up nobody who asks, and is a problem as soon as it has hung for too long.
    @Test func whatHangsDoesNotAnswer() async throws {
        let (answers, answer) = AsyncStream<Void>.makeStream()
        let (questions, question) = AsyncStream<Void>.makeStream()
        let frozen = DependencyProbe("database", patience: .zero) {
            question.yield()
            for await _ in answers { break }
        }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await frozen.ask() }
            for await _ in questions { break }
            #expect(frozen.problem == "it does not answer")
            answer.yield()
        }
        #expect(frozen.problem == nil)
        #expect(throws: Never.self) { try frozen.require() }
    }
}
