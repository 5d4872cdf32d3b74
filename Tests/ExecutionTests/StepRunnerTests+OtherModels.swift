import FleetCore
import FleetTesting
import Testing

@testable import Execution

/// Who is asked when a model is away, refuses or answers badly, and what the attempt counts as.
extension StepRunnerTests {
    /// A quota per week is no reason for the second model to idle; one per minute is waited for.
    @Test(arguments: [
        (ModelFailure.Code.rateLimited, 3 * 3600, true), (.overloaded, 3600, true), (.rateLimited, 91, true),
        (.rateLimited, 90, false), (.rateLimited, 20, false), (.overloaded, 20, false),
    ])
    func whoIsAwayForLongIsLeftForTheNextModel(code: ModelFailure.Code, seconds: Int, isLeft: Bool) async throws {
        let away = ModelFailure(code, status: 429, message: "later", retryAfter: .seconds(seconds))
        let caller = ScriptedCaller([.failure(away), .success(Self.good)])
        let settlement = try await run(caller, models: ["test-model", "other-model"])
        #expect(settlement.calls.map(\.model) == (isLeft ? ["test-model", "other-model"] : ["test-model"]))
        if case .succeeded = settlement.outcome { #expect(isLeft) } else { #expect(!isLeft) }
        // With nobody else the step waits as it was told.
        let alone = try await run(ScriptedCaller([.failure(away)]))
        guard case .retry(let wait, _, _, _) = alone.outcome else {
            Issue.record("\(alone.outcome)")
            return
        }
        #expect(wait == .seconds(seconds))
    }

    /// The step comes back when the first of them does.
    @Test func ofTwoThatAreAwayTheSoonerCounts() async throws {
        func away(_ seconds: Int) -> Result<String, ModelFailure> {
            .failure(ModelFailure(.rateLimited, status: 429, message: "later", retryAfter: .seconds(seconds)))
        }
        for (first, second) in [(7200, 3600), (3600, 7200), (3600, 20)] {
            let settlement = try await run(
                ScriptedCaller([away(first), away(second)]), models: ["test-model", "other-model"])
            guard case .retry(let wait, .providerRateLimit, _, false) = settlement.outcome else {
                Issue.record("\(settlement.outcome)")
                return
            }
            #expect(wait == .seconds(min(first, second)))
            #expect(settlement.calls.count == 2)
        }
    }

    /// The steps behind the one that was told hear of it from the limiter.
    @Test func aBucketThatIsClosedForLongIsLeftForTheNextModel() async throws {
        let closed = ReservationDecision.wait(.seconds(7200), holdsTurn: false)
        let caller = ScriptedCaller([.success(Self.good)])
        let settlement = try await run(
            caller, limiter: ScriptedLimiter([closed]), models: ["test-model", "other-model"])
        #expect(settlement.calls.map(\.model) == ["other-model"])
        let both = ScriptedLimiter([closed, .wait(.seconds(600), holdsTurn: false)])
        let waiting = try await run(ScriptedCaller([]), limiter: both, models: ["test-model", "other-model"])
        #expect(
            waiting.outcome
                == .retry(after: .seconds(600), reason: .providerRateLimit, error: nil, countsAsFailure: false))
        // A wait of the kind that capacity takes is none for the provider.
        let short = try await run(
            ScriptedCaller([]), limiter: ScriptedLimiter([.wait(.seconds(30), holdsTurn: false)]),
            models: ["test-model", "other-model"])
        #expect(
            short.outcome
                == .retry(after: .seconds(30), reason: .rateLimitCapacity, error: nil, countsAsFailure: false))
    }

    @Test(arguments: [ModelFailure.Code.rateLimited, .unauthorized, .overloaded])
    func aRepairThatFailsIsAFailedAttempt(code: ModelFailure.Code) async throws {
        let failure = ModelFailure(code, status: 429, message: "no")
        let settlement = try await run(ScriptedCaller([.success("not json"), .failure(failure)]))
        guard case .retry(_, .backoff, _, true) = settlement.outcome else {
            Issue.record("\(settlement.outcome)")
            return
        }
    }

    /// One model has no credit, and what the other one has been paid for cannot be used: the wait is the first one's, the
    /// attempt counts all the same, or it would be paid for every ten seconds until somebody fills the account.
    @Test(arguments: [ModelFailure.Code.malformed, .truncated, .timedOut, .refused])
    func whatWasPaidInVainCountsWhoeverElseIsWaitedFor(code: ModelFailure.Code) async throws {
        let noCredit = ModelFailure(.quotaExhausted, status: 402, message: "no credit")
        let useless = ModelFailure(code, status: code == .timedOut ? nil : 200, message: "useless")
        let settlement = try await run(
            ScriptedCaller([.failure(noCredit), .failure(useless)]), failures: 4,
            models: ["test-model", "other-model"])
        guard case .retry(_, _, _, let countsAsFailure) = settlement.outcome else {
            #expect(code == .refused, "\(settlement.outcome)")
            return
        }
        #expect(countsAsFailure, "\(settlement.outcome)")
    }

    /// What nobody pays for counts no attempt: a step does not die for want of credit.
    @Test func whatWasNotPaidWaitsWithoutCounting() async throws {
        let noCredit = ModelFailure(.quotaExhausted, status: 402, message: "no credit")
        let away = ModelFailure(.overloaded, status: 503, message: "away")
        let settlement = try await run(
            ScriptedCaller([.failure(noCredit), .failure(away)]), failures: 4, models: ["test-model", "other-model"])
        guard case .retry(_, _, _, false) = settlement.outcome else {
            Issue.record("\(settlement.outcome)")
            return
        }
    }

    /// A refusal is paid; nothing else would bound how often while the other provider is away.
    @Test func aRefusalWithNobodyElseToAskIsAFailedAttempt() async throws {
        let caller = ScriptedCaller([.failure(ModelFailure(.refused, status: 200, message: "no"))])
        let settlement = try await run(caller, models: ["test-model", "other-model"], isOtherAway: true)
        guard case .retry(_, .backoff, _, true) = settlement.outcome else {
            Issue.record("\(settlement.outcome)")
            return
        }
        #expect(settlement.calls.map(\.outcome) == ["refused"])
    }

    @Test(arguments: [
        ModelFailure.Code.refused, .promptTooLarge, .modelNotFound, .invalidRequest, .quotaExhausted, .unauthorized,
    ])
    func whatThisModelWillNotDoTheNextOneIsAskedAtOnce(code: ModelFailure.Code) async throws {
        let caller = ScriptedCaller([.failure(ModelFailure(code, status: 400, message: "no")), .success(Self.good)])
        let settlement = try await run(caller, models: ["test-model", "other-model"])
        guard case .succeeded = settlement.outcome else {
            Issue.record("\(settlement.outcome)")
            return
        }
        #expect(settlement.calls.map(\.model) == ["test-model", "other-model"])
    }

    @Test func withoutAnotherModelARefusalIsFinal() async throws {
        let failure = ModelFailure(.refused, message: "no")
        let settlement = try await run(ScriptedCaller([.failure(failure)]))
        #expect(settlement.outcome == .failed(error: failure.description))
    }

    @Test func afterThreeFailuresTheFallbackIsPreferred() async throws {
        let caller = ScriptedCaller([.success(Self.good)])
        let settlement = try await run(caller, failures: 3, models: ["test-model", "other-model"])
        #expect(settlement.calls.map(\.model) == ["other-model"])
    }
}
