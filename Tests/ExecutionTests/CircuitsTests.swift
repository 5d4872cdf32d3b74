import FleetCore
import FleetTesting
import Testing

@testable import Execution

/// What a failure says of its model, of the other models of the provider, and of other providers.
@Suite struct CircuitsTests {
    private static func model(_ name: String, _ provider: String = "openai") -> ModelSpec {
        var model = TestCatalogue.model
        model.name = name
        model.provider = provider
        return model
    }

    private let first = model("first")
    private let second = model("second")
    private let other = model("third", "anthropic")

    /// The names of those that may be called after so many failures of the first model, each of another step.
    private func callable(
        after failure: ModelFailure, times: Int = 20, differentSteps: Bool = true
    ) -> [String] {
        var circuits = Circuits()
        for number in 0..<times {
            circuits.record(failure, first, step: differentSteps ? number : 1, start: .zero, at: .zero)
        }
        return [first, second, other].filter { circuits.closedUntil($0, at: .zero) == nil }.map(\.name)
    }

    @Test(
        arguments: [
            (ModelFailure.Code.overloaded, 529), (.serverError, 500), (.timedOut, nil), (.modelNotFound, 404),
            (.invalidRequest, 400),
        ] as [(ModelFailure.Code, Int?)])
    func whatConcernsAModelRestsThatModel(code: ModelFailure.Code, status: Int?) {
        let failure = ModelFailure(code, status: status, message: "no")
        #expect(callable(after: failure) == ["second", "third"])
        #expect(callable(after: failure, times: 2) == ["first", "second", "third"])
    }

    @Test(arguments: [(ModelFailure.Code.quotaExhausted, 402), (.unreachable, nil)] as [(ModelFailure.Code, Int?)])
    func whatConcernsAProviderRestsAllItsModels(code: ModelFailure.Code, status: Int?) {
        #expect(callable(after: ModelFailure(code, status: status, message: "no")) == ["third"])
    }

    /// A gateway that restricts models per key, or a firewall that does not like a text.
    @Test(arguments: [401, 403]) func anAnswerThatForbidsConcernsTheModelFirst(status: Int) {
        let failure = ModelFailure(.unauthorized, status: status, message: "no")
        #expect(callable(after: failure, times: 3) == ["second", "third"])
        #expect(callable(after: failure, differentSteps: false) == ["first", "second", "third"])
    }

    @Test(arguments: [
        ModelFailure.Code.rateLimited, .truncated, .outputLimit, .malformed, .refused, .promptTooLarge, .cancelled,
    ])
    func whatSaysNothingOfTheModelRestsNothing(code: ModelFailure.Code) {
        #expect(callable(after: ModelFailure(code, message: "no")) == ["first", "second", "third"])
    }

    @Test func anOperatorClosesThemAtOnce() {
        var circuits = Circuits()
        let quota = ModelFailure(.quotaExhausted, status: 402, message: "pay")
        for model in [first, other] { circuits.record(quota, model, step: 1, start: .zero, at: .zero) }
        for step in 1...3 {
            let failure = ModelFailure(.modelNotFound, status: 404, message: "no")
            circuits.record(failure, second, step: step, start: .zero, at: .zero)
        }
        #expect(
            circuits.openings.map { "\($0.key.provider)/\($0.key.model ?? "all") \($0.reason)" }
                == ["anthropic/all quotaExhausted", "openai/all quotaExhausted", "openai/second modelNotFound"])
        circuits.reset(provider: "openai", model: "second")
        #expect(circuits.openings.count == 2)
        circuits.reset(provider: "openai", model: nil)
        #expect(circuits.openings.map(\.key.provider) == ["anthropic"])
        circuits.reset(provider: nil, model: nil)
        #expect(circuits.openings.isEmpty)
    }

    /// A model that was chosen and then had to wait for capacity: its probe is still to be made.
    @Test func aProbeThatWasNotMadeIsNotMissed() {
        let clock = ManualClock()
        let choice = ModelChoice(models: [first], time: clock)
        choice.record(ModelFailure(.quotaExhausted, status: 402, message: "pay"), first, step: 1, start: .zero)
        clock.pass(.seconds(31))
        guard case .model = choice.choose(["first"], failures: 0, excluding: []) else {
            Issue.record("no probe after half a minute")
            return
        }
        guard case .allOpen = choice.choose(["first"], failures: 0, excluding: []) else {
            Issue.record("two probes at a time")
            return
        }
        choice.abandon(first)
        guard case .model = choice.choose(["first"], failures: 0, excluding: []) else {
            Issue.record("the probe was missed")
            return
        }
    }

    /// Who waits comes back before the circuit's time: an operator may have closed it.
    @Test func nobodyWaitsLongForACircuit() {
        let choice = ModelChoice(models: [first], time: ManualClock())
        choice.record(ModelFailure(.quotaExhausted, status: 402, message: "pay"), first, step: 1, start: .zero)
        guard case .allOpen(let wait) = choice.choose(["first"], failures: 0, excluding: []) else {
            Issue.record("the circuit is closed")
            return
        }
        #expect(wait == .seconds(10))
    }
}
