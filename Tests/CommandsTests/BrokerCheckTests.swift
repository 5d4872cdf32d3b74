import BrokerRelay
import PrivateStack
import TestServers
import Testing

@testable import Commands

/// What `doctor` and `status` say of a broker.
@Suite(.timeLimit(.minutes(1))) struct BrokerCheckTests {
    private static func check(_ url: String) -> BrokerCheck {
        BrokerCheck(
            FleetEnvironment(process: ["AMQP_URL": url], file: [:], state: StateDirectory("/s"), prefersFile: false),
            agentTypes: ["manager", "legal"])
    }

    @Test func aBrokerThatIsFineIsFineAndGetsItsQueues() async throws {
        try await BrokerSite.with { site in
            let check = Self.check(site.url())
            #expect(await check.trouble()?.contains("queue 'agent.manager' and 1 more") == true)
            #expect(await check.finding().isFine)
            #expect(await check.trouble() == nil)
            let queues = try await site.queues().keys.sorted()
            #expect(
                queues == ["agent.legal", "agent.legal.dead", "agent.manager", "agent.manager.dead", "fleet.wake"])
        }
    }

    @Test(arguments: [
        ("^$", ".*", ".*", "queue 'agent.legal'"), (".*", "^(?!amq)", ".*", "amq.default"),
        (".*", "^$", ".*", "fleet.dead"), (".*", ".*", "^(agent.(legal|manager)|fleet.dead)", "agent.doctor."),
    ])
    func eachMissingRightIsNamed(configure: String, write: String, read: String, expected: String) async throws {
        try await BrokerSite.with { site in
            try await site.permit(configure: configure, write: write, read: read)
            let finding = await Self.check(site.url()).finding()
            #expect(!finding.isFine)
            #expect(finding.detail.contains("ACCESS_REFUSED") && finding.detail.contains(expected), "\(finding.detail)")
            #expect(finding.remedy?.contains("rabbitmqctl set_permissions -p '\(site.name)' '\(site.name)'") == true)
            #expect(!finding.detail.contains("\n"))
        }
    }

    @Test func remediesFitTheCause() async throws {
        try await BrokerSite.with { site in
            let password = site.url().replacing(":\(site.name)@", with: ":hunter2@")
            for (url, remedy) in [
                (site.url(virtualHost: "no-such-host"), "rabbitmqctl add_vhost 'no-such-host'"),
                (site.url(virtualHost: "%2F"), "rabbitmqctl set_permissions -p '/'"),
                (password, "change_password"), (site.url(port: 1), "nothing listens there"),
                ("amqp:/x", "correct AMQP_URL"),
            ] {
                let finding = await Self.check(url).finding()
                #expect(finding.remedy?.contains(remedy) == true, "\(url): \(finding)")
                #expect(!"\(finding)".contains("hunter2"))
            }
            let trouble = await Self.check(site.url(virtualHost: "no-such-host")).trouble()
            #expect(trouble?.contains("rabbitmqctl add_vhost") == true)
            try await site.request("PUT", "vhost-limits/\(site.name)/max-connections", ["value": 0])
            #expect(await Self.check(site.url()).finding().remedy?.contains("raise the limit") == true)
        }
    }

    @Test func aQueueMadeByHandAndOneThatIsAway() async throws {
        try await BrokerSite.with { site in
            try await site.makeQueue("agent.legal", arguments: ["x-dead-letter-exchange": "other"])
            let finding = await Self.check(site.url()).finding()
            #expect(finding.detail.contains("inequivalent arg 'x-dead-letter-exchange' for queue 'agent.legal'"))
            #expect(finding.remedy?.contains("rabbitmqctl delete_queue") == true)

            var broker = BrokerLike()
            broker.absentQueues = ["agent.manager"]
            let relay = try BrokerRelay(to: { site.brokerPort }, like: broker)
            defer { relay.close() }
            let away = await Self.check(site.url(port: relay.port)).finding()
            #expect(away.detail.contains("queue 'agent.manager'") && away.detail.contains("is down or inaccessible"))
            #expect(await Self.check(site.url(port: relay.port)).trouble()?.contains("home node") == true)
        }
    }

    @Test func whatProcessesSayAlikeIsSaidOnce() {
        let report = "!broker: not connected for 12 s, 4 attempts: x: y\n+wake\nready\n"
        let other = "-broker: not connected for 9 s, 3 attempts: x: y\nnot ready\n"
        let troubles = ProcessTroubles(
            troubles: ProcessTroubles.parse(report, process: "gateway")
                + ProcessTroubles.parse(other, process: "worker-1"))
        #expect(troubles.lines == ["gateway, worker-1: broker: not connected: x: y"])
        #expect(ProcessTroubles.parse("+broker\nready\n", process: "gateway").isEmpty)
    }
}
