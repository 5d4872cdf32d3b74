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
            let store = OperatorStore(pool: pool)
            #expect(try await store.limits().map(\.provider) == ["anthropic", "openai"])

            _ = try await store.changeLimits(
                provider: "openai", limitClass: "*", OperatorAction(actor: "olga", reason: "a test")
            ) { $0.requests = 5 }
            try await preparation.run()
            let openAI = try await store.limits().last
            #expect(openAI?.limits == RateLimits(requests: 5, tokens: 2_000_000_000))
        }
    }

    @Test func whatAChangeDoesNotNameKeepsItsValue() {
        var limits = RateLimits(requests: 3500, tokens: 90_000, concurrency: 100)
        LimitChange(tokens: LimitValue(number: nil), concurrency: LimitValue(number: 3)).apply(to: &limits)
        #expect(limits == RateLimits(requests: 3500, concurrency: 3))
    }

    @Test func liveProvidersKeepTheDefaultLimits() async throws {
        try await NewDatabase.run { url, pool in
            try await FleetPreparation(databaseURL: url, apiKey: secret, provider: .live).run()
            #expect(try await OperatorStore(pool: pool).limits().isEmpty)
        }
    }
}
