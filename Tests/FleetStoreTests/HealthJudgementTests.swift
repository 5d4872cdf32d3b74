import FleetCore
import FleetStore
import FleetTesting
import PostgresClient
import TestServers
import Testing

/// What the facts of the fleet's life come to.
@Suite(.timeLimit(.minutes(1))) struct HealthJudgementTests {
    private static func queue(_ name: String, lookAge: Double?, seenAge: Double?) -> QueueFacts {
        var queue = QueueFacts(agentType: name)
        (queue.workers, queue.tellingWorkers, queue.freeWorkers) = (1, 1, 1)
        (queue.lookAge, queue.seenAge, queue.canaryAge) = (lookAge, seenAge, 1)
        return queue
    }

    /// After an outage of the database 26 lines had named the broker.
    @Test func whatIsUnknownOfManyQueuesForOneReasonIsOnePart() throws {
        var facts = HealthFacts()
        facts.queues = (1...20).map { Self.queue("type\($0)", lookAge: 40, seenAge: 41) }
        facts.queues.append(Self.queue("well", lookAge: 1, seenAge: 1))
        facts.queues += (1...2).map { Self.queue("few\($0)", lookAge: 1, seenAge: 50) }
        let parts = facts.parts.filter { $0.kind == .queue }
        #expect(parts.count == 4)
        let many = try #require(parts.first)
        #expect(many.name == nil && many.state == .unknown && many.age == 40)
        #expect(
            many.reason == "20 of them (type1, type2, type3, ...): no scheduler has asked for a sign of life")
        #expect(parts.contains { $0.name == "well" && $0.state == .healthy })
        #expect(parts.filter { $0.name?.hasPrefix("few") == true }.allSatisfy { $0.state == .unknown })
    }

    @Test(arguments: [(0.5, PartHealth.State.healthy), (4, .degraded), (11, .ill)])
    func aSilentWorkerIsNotHealthyForLong(age: Double, state: PartHealth.State) {
        var facts = HealthFacts()
        facts.workers = [
            WorkerFacts(name: "w", state: "active", slots: 2, running: 1, heartbeatAge: age, agentTypes: ["a"])
        ]
        #expect(facts.parts.first { $0.kind == .worker }?.state == state)
    }

    /// Its supervisor has started another one under its name: nobody has to look for the dead one.
    @Test func whoHasASuccessorIsNotListed() async throws {
        try await FleetFixture.run { fleet in
            let first = try await fleet.worker("fleet-1")
            let other = try await fleet.worker("fleet-2")
            _ = try await fleet.worker("fleet-1")
            func names() async throws -> [String] {
                try await fleet.pool.withSession { try HealthReader.read($0) }.workers.map(\.name)
            }
            // Both are heard of: two of one name.
            #expect(try await names() == ["fleet-1", "fleet-1", "fleet-2"])
            for id in [first, other] {
                try await fleet.pool.run(
                    "UPDATE workers SET heartbeat_at = now() - interval '3 seconds' WHERE worker_id = \(id)")
            }
            #expect(try await names() == ["fleet-1", "fleet-2"])
        }
    }

    @Test func withoutTheDatabaseThePartsAreUnknownAndNotGone() {
        #expect(HealthFacts.unreadable.map(\.kind) == [.scheduler, .workflow, .worker, .queue])
        #expect(HealthFacts.unreadable.allSatisfy { $0.state == .unknown && $0.remedy != nil })
    }
}
