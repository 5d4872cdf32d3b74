import BrokerRelay
import FleetStore
import TestServers
import Testing

/// What each process says of a broker that does not do what it needs, at its start and to whoever asks.
@Suite(.serialized, .timeLimit(.minutes(2))) struct BrokerRefusalTests {
    private static let programs = ["gateway", "scheduler", "worker"]

    private static func with(
        _ program: String, database: String, broker: String, _ body: (StartedProcess) async throws -> Void
    ) async throws {
        let process = try StartedProcess(program, database: database, broker: broker)
        try await withResource(process, close: { await $0.stop() }, body: body)
    }

    private static func withDatabase(_ body: (String) async throws -> Void) async throws {
        try await NewDatabase.run { url, pool in
            _ = try await Migrator(pool: pool).migrate()
            try await body(url)
        }
    }

    @Test(arguments: programs) func anImpossibleVirtualHostIsOneLine(program: String) async throws {
        try await Self.withDatabase { database in
            try await BrokerSite.with { site in
                let broker = site.url(virtualHost: "no-such-host")
                try await Self.with(program, database: database, broker: broker) { process in
                    let line = try await process.line { $0.contains("rabbitmqctl add_vhost 'no-such-host'") }
                    #expect(line.contains("vhost no-such-host not found"))
                    if program == "gateway" {
                        // Tasks are taken all the same.
                        let answer = try await process.readiness { $1.contains("not found") }
                        #expect(answer.status == 200)
                        #expect(answer.text.contains("!broker: not connected for"))
                    } else {
                        #expect(await process.end() == 1)
                    }
                    #expect(process.count { $0.contains(":\(site.name)@") } == 0)
                }
            }
        }
    }

    @Test(arguments: programs) func missingRightsAreOneLineAndEndByThemselves(program: String) async throws {
        try await Self.withDatabase { database in
            try await BrokerSite.with { site in
                try await site.permit(configure: "^$", write: "^$", read: "^$")
                try await Self.with(program, database: database, broker: site.url()) { process in
                    let line = try await process.line { $0.contains("the broker refuses") }
                    #expect(line.contains("ACCESS_REFUSED"))
                    #expect(line.contains("rabbitmqctl set_permissions -p '\(site.name)' '\(site.name)'"))
                    // Declaring comes before all else.
                    let first = program == "gateway" ? "!broker: queue 'fleet.wake'" : "-broker: queue 'agent."
                    let answer = try await process.readiness { $1.contains(first) }
                    #expect(answer.status == (program == "gateway" ? 200 : 503))
                    #expect(answer.text.contains("ACCESS_REFUSED"))
                    try await site.permit()
                    let mended = try await process.readiness { $0 == 200 && !$1.contains("!") }
                    #expect(mended.text.contains("+broker"))
                }
            }
        }
    }

    @Test(arguments: ["scheduler", "worker"]) func oneQueueThatIsAwayIsARemark(program: String) async throws {
        try await Self.withDatabase { database in
            try await BrokerSite.with { site in
                var broker = BrokerLike()
                broker.absentQueues = ["agent.financial_analyst"]
                let relay = try BrokerRelay(to: { site.brokerPort }, like: broker)
                defer { relay.close() }
                try await Self.with(program, database: database, broker: site.url(port: relay.port)) { process in
                    let line = try await process.line { $0.contains("the broker refuses") }
                    #expect(
                        line.contains("queue 'agent.financial_analyst'") && line.contains("is down or inaccessible"))
                    let answer = try await process.readiness { $1.contains("!broker: queue 'agent.financial_analyst'") }
                    #expect(answer.status == 200)
                    relay.become(BrokerLike())
                    _ = try await process.readiness { $0 == 200 && !$1.contains("!") }
                }
            }
        }
    }
}
