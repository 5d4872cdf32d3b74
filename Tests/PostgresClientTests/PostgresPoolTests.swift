import AsyncPrimitives
import PostgresClient
import TestServers
import Testing

@Suite(.timeLimit(.minutes(1)))
struct PostgresPoolTests {
    @Test func exhaustedPoolSaysSo() async throws {
        try await TestDatabase.withPool({
            $0.maximumConnections = 1
            // The first connection is made within it as well, on a machine that is busy with other tests.
            $0.acquireTimeout = .seconds(3)
        }) { pool in
            let (holding, letGo) = (OneShot(), BlockingSignal())
            async let holder: Void = {
                defer { holding.open() }
                try await pool.withSession { _ in
                    holding.open()
                    letGo.wait()
                }
            }()
            await holding.wait()
            let error = try await failure { try await pool.run("SELECT 1") }
            #expect(error.code == .poolExhausted)
            #expect(error.isRetriable)
            letGo.open()
            try await holder
            #expect(try await pool.integer("SELECT 1") == 1)
        }
    }

    @Test func manyCallersShareFewConnections() async throws {
        func few(_ configuration: inout PostgresConfiguration) {
            configuration.maximumConnections = 3
            configuration.acquireTimeout = .seconds(60)
        }
        try await TestDatabase.withPool(few) { pool in
            let pids = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<1000 { group.addTask { try await pool.integer("SELECT pg_backend_pid()") } }
                return try await group.reduce(into: Set<Int>()) { $0.insert($1) }
            }
            #expect((1...3).contains(pids.count))
        }
    }

    @Test func callersAreServedFirstComeFirstServed() async throws {
        try await TestDatabase.withPool({ $0.maximumConnections = 1 }) { pool in
            let (holding, letGo) = (OneShot(), BlockingSignal())
            let order = TestBox<[Int]>([])
            async let holder: Void = pool.withSession { _ in
                holding.open()
                letGo.wait()
            }
            await holding.wait()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<50 {
                    group.addTask {
                        try await pool.withSession { _ in order.change { $0.append(number) } }
                    }
                    // The next caller comes when this one stands in line.
                    try await askUntil { pool.waitingCallers > number }
                }
                letGo.open()
                try await group.waitForAll()
            }
            try await holder
            #expect(order.value == Array(0..<50))
        }
    }

    @Test func shutdownWaitsForTheRunningAndRefusesTheRest() async throws {
        let pool = PostgresPool(
            configuration: try {
                var configuration = try PostgresConfiguration(url: TestServer.database.url())
                configuration.maximumConnections = 1
                return configuration
            }())
        let (holding, letGo) = (OneShot(), BlockingSignal())
        async let holder = pool.withSession { session in
            holding.open()
            letGo.wait()
            return try session.execute(PostgresStatement("last", "SELECT 5")).only() as Int
        }
        await holding.wait()
        async let waiting = failure { try await pool.run("SELECT 1") }
        try await askUntil { pool.waitingCallers > 0 }
        async let first: Void = pool.shutdown()
        #expect(try await waiting.code == .shutDown)
        async let second: Void = pool.shutdown()
        letGo.open()
        #expect(try await holder == 5)
        await first
        await second
        #expect(try await failure { try await pool.run("SELECT 1") }.code == .shutDown)
    }
}
