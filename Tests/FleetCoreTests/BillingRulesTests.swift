import FleetCore
import FleetTesting
import Testing

@Suite struct BillingRulesTests {
    private static func rule(
        _ provider: String = "openai", api: ModelSpec.API? = nil, failure: ModelFailure.Code? = nil, status: Int? = nil,
        isBeforeOutput: Bool = false, _ billed: Billed
    ) -> BillingRule {
        BillingRule(
            provider: provider, api: api, failure: failure, status: status, isBeforeOutput: isBeforeOutput,
            billed: billed, source: "a page", date: "2026-11-22")
    }

    private func billed(_ failure: ModelFailure, _ rules: BillingRule...) -> Billed {
        BillingRules(rules).billed(failure, by: TestCatalogue.model)
    }

    @Test func byDefaultErrorsAreNotBilledAndOfCutCallsNobodyKnows() {
        for status in [302, 400, 408, 429, 500, 529] {
            #expect(billed(ModelFailure(.serverError, status: status, message: "x")) == .no)
        }
        #expect(billed(ModelFailure(.unreachable, message: "x")) == .no)
        #expect(billed(ModelFailure(.invalidRequest, message: "x")) == .no)
        for code in [ModelFailure.Code.timedOut, .serverError, .truncated, .cancelled, .malformed] {
            #expect(billed(ModelFailure(code, message: "x")) == .unknown)
        }
        #expect(billed(ModelFailure(.refused, status: 200, message: "x")) == .unknown)
    }

    @Test func theFirstRuleThatMatchesCounts() {
        let filter = ModelFailure(.refused, status: 400, message: "x")
        #expect(billed(filter, Self.rule(status: 400, .yes), Self.rule(failure: .refused, .no)) == .yes)
        #expect(billed(filter, Self.rule(failure: .refused, .unknown), Self.rule(status: 400, .yes)) == .unknown)
        for other in [
            Self.rule("anthropic", status: 400, .yes), Self.rule(api: .messages, status: 400, .yes),
            Self.rule(status: 408, .yes), Self.rule(failure: .invalidRequest, status: 400, .yes),
        ] {
            #expect(billed(filter, other) == .no)
        }
    }

    @Test func aRuleForFailuresBeforeOutputNeedsThatToBeKnown() {
        let rule = Self.rule(failure: .refused, isBeforeOutput: true, .no)
        #expect(billed(ModelFailure(.refused, status: 200, message: "x", mayHaveOutput: false), rule) == .no)
        #expect(billed(ModelFailure(.refused, status: 200, message: "x"), rule) == .unknown)
    }

    /// Nothing left: no rule can make a bill of it.
    @Test func whatWasNotSentIsNeverBilled() {
        #expect(billed(ModelFailure(.unreachable, message: "x"), Self.rule(failure: .unreachable, .yes)) == .no)
    }
}
