import FleetCore
import FleetStore
import FleetTesting
import PostgresClient
import TestServers
import Testing

/// What waits for whom: statements that touch many steps never wait for one that a claim holds, and a claim that loses a
/// deadlock is made again.
@Suite(.timeLimit(.minutes(3))) struct LockOrderTests {
    @Test(arguments: ["undo", "reissue"])
    func stepsThatAClaimHoldsArePassedBy(what: String) async throws {
        try await FleetFixture.run { fleet in
            try await fleet.submit([.sample(), .sample(), .sample()])
            let ids = try await fleet.scheduler.dispatch(limitPerQueue: 10).map(\.stepID).sorted()
            try await fleet.holding("SELECT FROM steps WHERE step_id = \(ids[1]) FOR UPDATE") {
                switch what {
                case "undo": try await fleet.scheduler.undoDispatch(stepIDs: ids.reversed())
                default:
                    _ = try await fleet.scheduler.sweep(
                        SweepPolicy(ticketGrace: .zero, queueDepths: ["manager": 0]))
                }
            }
            let ready = "SELECT step_id::text FROM steps WHERE state = 'ready' ORDER BY step_id"
            #expect(try await fleet.pool.texts(ready) == [ids[0], ids[2]].map(String.init))
        }
    }

    /// A deadlock with somebody who locks the steps in another order: not the worker's loss of a whole batch of tickets.
    @Test func aClaimThatLosesADeadlockIsMadeAgain() async throws {
        try await FleetFixture.run { fleet in
            try await fleet.submit([.sample(), .sample()])
            let ids = try await fleet.scheduler.dispatch(limitPerQueue: 10).map(\.stepID).sorted()
            let worker = try await fleet.worker()
            let release = BlockingSignal()
            let claimed = try await withThrowingTaskGroup(of: [Int].self) { group in
                let (isHeld, held) = AsyncStream<Void>.makeStream()
                try await fleet.holding("SELECT FROM steps WHERE step_id = \(ids[0]) FOR UPDATE") {
                    group.addTask {
                        try await fleet.pool.transaction { session in
                            // Of the two it is the claim that finds out.
                            try session.executeSimple("SET LOCAL deadlock_timeout = '1min'")
                            try session.executeSimple("SELECT FROM steps WHERE step_id = \(ids[1]) FOR UPDATE")
                            held.yield()
                            release.wait()
                            try session.executeSimple("SELECT FROM steps WHERE step_id = \(ids[0]) FOR UPDATE")
                        }
                        return []
                    }
                    for await _ in isHeld { break }
                    group.addTask { try await fleet.claim(ids, worker: worker).map(\.stepID).sorted() }
                    try await fleet.waitForBlockedSessions(1)
                    // It stands in line behind the claim, which closes the circle as soon as it is let in.
                    release.open()
                    try await fleet.waitForBlockedSessions(2)
                }
                return try await group.reduce([]) { $0 + $1 }
            }
            #expect(claimed == ids)
            // A session adds to the count when it next has nothing to do, and that may be seconds later.
            try await askUntil {
                try await fleet.pool.integer(
                    "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()") == 1
            }
        }
    }
}
