import Testing

@testable import PrivateStack

struct RestartPolicyTests {
    @Test func firstRestartIsImmediate() {
        var policy = RestartPolicy()
        #expect(policy.pause(wasReady: true, lived: .seconds(5), first: .zero) == .zero)
        #expect(policy.pause(wasReady: false, lived: .milliseconds(10), first: .zero) == .zero)
    }

    @Test func restartLoopBacksOffToThirtySeconds() {
        var policy = RestartPolicy()
        let pauses = (0..<12).map { _ in policy.pause(wasReady: false, lived: .milliseconds(10), first: .zero) }
        #expect(pauses.prefix(5) == [.zero, .milliseconds(250), .milliseconds(500), .seconds(1), .seconds(2)])
        #expect(pauses.last == .seconds(30))
    }

    @Test func goodRunEndsTheBackOff() {
        var policy = RestartPolicy()
        for _ in 0..<5 { _ = policy.pause(wasReady: false, lived: .zero, first: .zero) }
        #expect(policy.pause(wasReady: true, lived: .seconds(2), first: .milliseconds(250)) == .milliseconds(250))
        #expect(policy.failures == 0)
    }

    @Test func hugeNumberOfFailuresDoesNotOverflow() {
        var policy = RestartPolicy()
        for _ in 0..<200 { _ = policy.pause(wasReady: false, lived: .zero, first: .zero) }
        #expect(policy.pause(wasReady: false, lived: .zero, first: .zero) == .seconds(30))
    }
}
