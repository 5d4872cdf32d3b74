import FleetCore
import JSON
import Testing

@Suite struct CircuitBreakerTests {
    private func mayCall(_ breaker: CircuitBreaker, at now: Duration) -> Bool { breaker.closedUntil(at: now) == nil }

    /// As many faults as the reason takes, each of another step.
    private func opened(_ reason: CircuitBreaker.Reason, ofProvider: Bool = false, at now: Duration = .zero)
        -> CircuitBreaker
    {
        var breaker = CircuitBreaker(isOfProvider: ofProvider)
        for step in 1...10 where breaker.opening == nil {
            breaker.record(.fault(reason), step: step, start: now, at: now)
        }
        return breaker
    }

    @Test(arguments: [
        (CircuitBreaker.Reason.failing, 10, Duration.seconds(5)), (.refusesRequests, 5, .seconds(30)),
        (.unauthorized, 3, .seconds(30)), (.modelNotFound, 3, .seconds(30)), (.quotaExhausted, 1, .seconds(30)),
    ])
    func itOpensAfterSoManyFaultsAndLetsOneProbeThrough(
        reason: CircuitBreaker.Reason, threshold: Int, cooldown: Duration
    ) {
        var breaker = CircuitBreaker(isOfProvider: false)
        for step in 1..<threshold {
            breaker.record(.fault(reason), step: step, start: .zero, at: .zero)
            #expect(mayCall(breaker, at: .zero))
        }
        breaker.record(.fault(reason), step: threshold, start: .zero, at: .zero)
        #expect(breaker.opening?.reason == reason)
        #expect(!mayCall(breaker, at: cooldown - .milliseconds(1)))
        #expect(mayCall(breaker, at: cooldown))
        breaker.willCall(at: cooldown)
        #expect(!mayCall(breaker, at: cooldown + .seconds(1)))
        // The probe fails as well: once is enough now.
        breaker.record(.fault(reason), step: 99, start: cooldown, at: cooldown + .seconds(1))
        #expect(!mayCall(breaker, at: cooldown * 2))
        #expect(mayCall(breaker, at: cooldown * 2 + .seconds(1)))
        breaker.willCall(at: cooldown * 2 + .seconds(1))
        breaker.record(.answered, step: 99, start: cooldown * 2 + .seconds(1), at: cooldown * 3)
        #expect(breaker == CircuitBreaker(isOfProvider: false))
    }

    /// One step that is forbidden or refused again and again takes nothing away from the others.
    @Test(arguments: [CircuitBreaker.Reason.refusesRequests, .unauthorized, .modelNotFound])
    func oneStepAloneOpensNothing(reason: CircuitBreaker.Reason) {
        var breaker = CircuitBreaker(isOfProvider: false)
        for _ in 0..<100 { breaker.record(.fault(reason), step: 7, start: .zero, at: .zero) }
        #expect(mayCall(breaker, at: .zero))
    }

    @Test func anAnswerInBetweenBeginsAnew() {
        var breaker = CircuitBreaker(isOfProvider: false)
        for step in 1...9 { breaker.record(.fault(.failing), step: step, start: .zero, at: .zero) }
        breaker.record(.answered, step: 1, start: .zero, at: .zero)
        for step in 1...9 { breaker.record(.fault(.failing), step: step, start: .zero, at: .zero) }
        #expect(mayCall(breaker, at: .zero))
    }

    /// A call that began before the credit was used up may well be answered after.
    @Test func anAnswerToAnOldCallClosesNothing() {
        var breaker = opened(.quotaExhausted, at: .seconds(10))
        breaker.record(.answered, step: 1, start: .seconds(9), at: .seconds(12))
        #expect(!mayCall(breaker, at: .seconds(12)))
        breaker.willCall(at: .seconds(40))
        breaker.record(.answered, step: 2, start: .seconds(9), at: .seconds(41))
        #expect(!mayCall(breaker, at: .seconds(41)))
        breaker.record(.answered, step: 3, start: .seconds(40), at: .seconds(42))
        #expect(mayCall(breaker, at: .seconds(42)))
    }

    /// Nothing was heard: that is no answer, and the next one may ask.
    @Test func aProbeThatWasBrokenOffSaysNothing() {
        var breaker = opened(.quotaExhausted)
        breaker.willCall(at: .seconds(30))
        breaker.record(.none, step: 1, start: .seconds(30), at: .seconds(31))
        #expect(breaker.opening?.reason == .quotaExhausted)
        #expect(mayCall(breaker, at: .seconds(31)))
        breaker.willCall(at: .seconds(31))
        #expect(!mayCall(breaker, at: .seconds(32)))
    }

    /// The server is there; whether the credit is, it did not say.
    @Test(arguments: CircuitBreaker.Reason.allCases)
    func whatIsHeardEndsASilenceAndNothingElse(reason: CircuitBreaker.Reason) {
        var breaker = opened(reason)
        breaker.willCall(at: .seconds(30))
        breaker.record(.heard, step: 1, start: .seconds(30), at: .seconds(31))
        #expect((breaker.opening == nil) == (reason == .failing))
        #expect(mayCall(breaker, at: .seconds(31)))
    }

    @Test func aProbeOfWhichNothingIsHeardIsForgotten() {
        var breaker = opened(.quotaExhausted)
        breaker.willCall(at: .seconds(30))
        #expect(!mayCall(breaker, at: .seconds(59)))
        #expect(mayCall(breaker, at: .seconds(60)))
    }

    @Test func aFaultOfAnotherKindInAProbeIsTheReasonNow() {
        var breaker = opened(.quotaExhausted)
        breaker.willCall(at: .seconds(30))
        breaker.record(.fault(.failing), step: 1, start: .seconds(30), at: .seconds(31))
        #expect(breaker.opening?.reason == .failing)
        #expect(mayCall(breaker, at: .seconds(36)))
    }

    /// Several models, and a key that is good for some of them.
    @Test func aProvidersKeyIsDoubtedLaterThanAModels() {
        var breaker = CircuitBreaker(isOfProvider: true)
        for step in 1...5 { breaker.record(.fault(.unauthorized), step: step, start: .zero, at: .zero) }
        #expect(mayCall(breaker, at: .zero))
        breaker.record(.fault(.unauthorized), step: 6, start: .zero, at: .zero)
        #expect(!mayCall(breaker, at: .zero))
    }

    @Test func reportsSurviveTheirRow() {
        let report = CircuitReport(
            provider: "openai", model: nil, reason: .quotaExhausted, error: "quota", openedAt: 5, probesAt: 7)
        #expect(CircuitReport(report.json) == report)
        #expect(CircuitReport(["provider": "openai", "reason": "unheard_of", "opened_at": 1, "probes_at": 2]) == nil)
    }
}
