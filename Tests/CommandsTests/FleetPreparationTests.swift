import FleetCore
import FleetStore
import PostgresClient
import TestServers
import Testing

@testable import Commands

@Suite(.timeLimit(.minutes(2)))
struct FleetPreparationTests {
    private let secret = "mxa_a-secret-of-this-test"

    @Test func preparingAgainChangesNothing() async throws {
        try await NewDatabase.run { url, pool in
            let preparation = FleetPreparation(databaseURL: url, apiKey: secret, provider: .twin)
            try await preparation.run()
            let key = try await PostgresTaskRepository(pool: pool).key(forSecret: secret)
            #expect(key?.role == .admin)
            let limits = LimitStore(pool: pool)
            #expect(try await limits.all().map(\.provider) == ["anthropic", "openai"])

            _ = try await limits.change(
                provider: "openai", limitClass: "*", LimitChange(requests: LimitValue(number: 5)))
            try await preparation.run()
            let openAI = try await limits.all().last
            #expect(openAI?.limits == RateLimits(requests: 5, tokens: 2_000_000_000))
        }
    }

    @Test func liveProvidersKeepTheDefaultLimits() async throws {
        try await NewDatabase.run { url, pool in
            try await FleetPreparation(databaseURL: url, apiKey: secret, provider: .live).run()
            #expect(try await LimitStore(pool: pool).all().isEmpty)
        }
    }

    @Test func aNewLimitStartsFromTheOneInForce() async throws {
        try await NewDatabase.run { _, pool in
            _ = try await Migrator(pool: pool).migrate()
            let limits = LimitStore(pool: pool)
            let tokens = LimitChange(inputTokens: LimitValue(number: 10))
            // Nothing is set: the defaults.
            var setting = try await limits.change(provider: "openai", limitClass: "*", tokens)
            #expect(setting.limits == RateLimits(requests: 3500, tokens: 90_000, inputTokens: 10, concurrency: 100))
            // The class follows its provider's row, and from then on has its own.
            let unlimited = LimitChange(tokens: LimitValue(number: nil), concurrency: LimitValue(number: 3))
            setting = try await limits.change(provider: "openai", limitClass: "gpt", unlimited)
            #expect(setting.limits == RateLimits(requests: 3500, inputTokens: 10, concurrency: 3))
            setting = try await limits.change(
                provider: "openai", limitClass: "gpt", LimitChange(requests: LimitValue(number: 1)))
            #expect(setting.limits == RateLimits(requests: 1, inputTokens: 10, concurrency: 3))
            #expect(try await limits.all().map(\.limitClass) == ["*", "gpt"])
        }
    }

    @Test func anEmptyFleetHasNoBacklogAndAnEmptyLedger() async throws {
        try await NewDatabase.run { _, pool in
            _ = try await Migrator(pool: pool).migrate()
            #expect(try await BacklogRow.all(pool).isEmpty)
            #expect(
                try await BatchLedger.read("none", from: pool)
                    == BatchLedger(subtasks: 0, calls: 0, cost: CostSums()))
            #expect(try await WorkerRow.read(pool, includingEnded: true).isEmpty)
        }
    }
}
