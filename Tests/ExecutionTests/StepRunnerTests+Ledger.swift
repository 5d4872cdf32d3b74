import FleetCore
import FleetTesting
import Synchronization
import Testing

@testable import Execution

/// What calls count as: against the limits, and in the ledger.
extension StepRunnerTests {
    /// A provider counts what it sent, whether it says so or not; an error it does not count.
    @Test func whatACallMayHaveUsedCountsAgainstTheLimit() async throws {
        let seen = ReportedUsage(TokenUsage(uncachedInputTokens: 9000, outputTokens: 1), isFinal: false)
        let cut = ModelFailure(.truncated, status: 200, message: "cut", usage: seen)
        let gone = ModelFailure(.serverError, message: "the connection was lost")
        let refused = ModelFailure(.serverError, status: 500, message: "no")
        var counted: [TokenUsage] = []
        for failure in [cut, gone, refused] {
            let limiter = ScriptedLimiter()
            let settlement = try await run(ScriptedCaller([.failure(failure)]), limiter: limiter)
            #expect(settlement.calls.map(\.account.usage) == [nil])
            let used = try #require(limiter.usages.withLock { $0.first } ?? nil)
            #expect(settlement.calls.map(\.account.counted) == [used])
            counted.append(used)
        }
        #expect(counted[0].inputTokens == 9000 && counted[0].outputTokens == 1000)
        #expect(counted[1].inputTokens > 0 && counted[1].outputTokens == 1000)
        #expect(counted[2] == TokenUsage())
    }

    /// Many attempts with every failure there is: the limiter is settled with what the ledger says, to the token.
    @Test func limiterAndLedgerCountTheSameTokens() async throws {
        let partial = ReportedUsage(TokenUsage(uncachedInputTokens: 33, outputTokens: 2000), isFinal: false)
        let whole = ReportedUsage(TokenUsage(uncachedInputTokens: 700, outputTokens: 90))
        let limiter = ScriptedLimiter()
        var ledger = 0
        for code in ModelFailure.Code.allCases {
            for (status, usage) in [(nil, ReportedUsage.nothing), (200, partial), (200, whole), (429, .nothing)] {
                let failure = ModelFailure(code, status: status, message: "x", usage: usage)
                let settlement = try await run(
                    ScriptedCaller([.success("no JSON"), .failure(failure), .success(Self.good)]), limiter: limiter)
                ledger += settlement.calls.reduce(0) { $0 + $1.account.counted.totalTokens }
                #expect(
                    settlement.calls.map(\.purpose).prefix(2)
                        == (settlement.calls.count > 1 ? [.work, .repair] : [.work]))
            }
        }
        let counted = limiter.usages.withLock { $0.compactMap(\.self).reduce(0) { $0 + $1.totalTokens } }
        #expect(counted == ledger)
        #expect(ledger > 0)
    }

    @Test func whatACallCostsFollowsFromHowItEnded() async throws {
        func account(_ failure: ModelFailure, _ rules: [BillingRule] = []) async throws -> CallAccount? {
            try await run(ScriptedCaller([.failure(failure)]), billing: BillingRules(rules)).calls.first?.account
        }
        let cut = try await account(ModelFailure(.timedOut, message: "x"))
        #expect(cut?.basis == .estimated)
        // 5 USD per million for 1000 tokens of output, and the prompt.
        #expect(try #require(cut?.hold) > Decimal6(millionths: 5000))
        #expect(
            try await account(ModelFailure(.overloaded, status: 503, message: "x"))?.basis == CallAccount.Basis.none)
        let usage = ReportedUsage(TokenUsage(uncachedInputTokens: 10, outputTokens: 1000))
        let full = try await account(ModelFailure(.outputLimit, status: 200, message: "x", usage: usage))
        #expect(full?.basis == .reported)
        #expect(full?.cost == Decimal6(millionths: 5010))
        let rule = BillingRule(
            provider: "openai", failure: .refused, status: 400, billed: .yes, source: "a page", date: "2026-11-22")
        let filtered = try await account(ModelFailure(.refused, status: 400, message: "x"), [rule])
        #expect(filtered?.basis == .estimated)
        #expect(try #require(filtered).counted.outputTokens > 0)
    }

    @Test func aServerThatCountsNothingIsEstimatedAndTeachesNothing() async throws {
        let caller = ScriptedCaller([.success(Self.good)], usage: .nothing)
        let call = try #require(try await run(caller).calls.first)
        #expect(call.outcome == "succeeded")
        #expect(call.account.basis == .estimated && call.account.usage == nil)
    }
}
