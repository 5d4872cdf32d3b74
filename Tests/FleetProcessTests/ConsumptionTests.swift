import BrokerRelay
import FleetStore
import PostgresClient
import TestServers
import Testing

/// Canaries between a real scheduler, a real worker and RabbitMQ.
@Suite(.serialized, .timeLimit(.minutes(2))) struct ConsumptionTests {
    private static let type = "financial_analyst"

    private static func heard(_ pool: PostgresPool) async throws -> Int {
        try await pool.integer(
            "SELECT coalesce(max((hearing -> '\(type)' ->> 'canary')::int8), 0) FROM workers")
    }

    /// A scheduler at the broker itself, and a worker behind a relay.
    private static func withFleet(
        _ body: (BrokerSite, BrokerRelay, PostgresPool, StartedProcess) async throws -> Void
    ) async throws {
        try await NewDatabase.run { database, pool in
            _ = try await Migrator(pool: pool).migrate()
            try await BrokerSite.with { site in
                let relay = try BrokerRelay(to: { site.brokerPort }, like: BrokerLike())
                defer { relay.close() }
                let scheduler = try StartedProcess("scheduler", database: database, broker: site.url())
                try await withResource(scheduler, close: { await $0.stop() }) { _ in
                    let worker = try StartedProcess(
                        "worker", database: database, broker: site.url(port: relay.port))
                    try await withResource(worker, close: { await $0.stop() }) { worker in
                        try await askUntil { try await heard(pool) > 0 }
                        try await body(site, relay, pool, worker)
                    }
                }
            }
        }
    }

    /// The broker has dropped the subscription, the worker does not know: to it the queue has no work.
    @Test func aWorkerThatWasCancelledUnnoticedIsFoundAndRecovers() async throws {
        try await Self.withFleet { site, relay, pool, worker in
            var deaf = BrokerLike()
            deaf.hidesCancellations = true
            relay.become(deaf)
            // The scheduler declares it again within a second.
            try await site.request("DELETE", "queues/\(site.name)/agent.\(Self.type)")
            let before = try await Self.heard(pool)
            _ = try await worker.line { $0.contains("canaries go by") && $0.contains(Self.type) }
            let answer = try await worker.readiness { $1.contains("!consuming") }
            #expect(answer.status == 200 && answer.text.contains(Self.type))
            try await askUntil { try await Self.heard(pool) > before }
            _ = try await worker.readiness { $0 == 200 && $1.contains("+consuming") }
            #expect(try await pool.integer("SELECT count(*) FROM dead_letters") == 0)
        }
    }

    /// What the client is told of it mends at once.
    @Test func aQueueThatWasDeletedOrPurgedHasItsCanaryAgain() async throws {
        try await Self.withFleet { site, _, pool, worker in
            for path in ["agent.\(Self.type)/contents", "agent.\(Self.type)"] {
                let before = try await Self.heard(pool)
                try await site.request("DELETE", "queues/\(site.name)/\(path)")
                try await askUntil { try await Self.heard(pool) > before }
            }
            #expect(worker.count { $0.contains("canaries go by") } == 0)
            #expect(try await pool.integer("SELECT count(*) FROM dead_letters") == 0)
        }
    }
}
