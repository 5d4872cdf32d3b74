import BlockingIO
import Testing

@Suite struct DeadlineTests {
    /// Who polls for that long looks again after the deadline, and not more than a millisecond after it.
    @Test(arguments: [1, 999, 1000, 1001, 1_000_000, 1_000_001, 999_999_999, 60_000_000_001])
    func aPollEndsAfterTheDeadlineAndHardlyLater(nanoseconds: Int) {
        let deadline = Deadline(after: .nanoseconds(nanoseconds))
        let before = ContinuousClock.now
        let wait = Duration.milliseconds(Int(deadline.pollMilliseconds))
        let after = ContinuousClock.now
        #expect(after + wait >= deadline.instant)
        #expect(before + wait <= max(before, deadline.instant + .milliseconds(1)))
    }

    @Test func oneThatHasPassedDoesNotWait() {
        let passed = Deadline(ContinuousClock.now - .seconds(1))
        #expect(passed.hasPassed)
        #expect(passed.pollMilliseconds == 0)
        #expect(!Deadline(after: .seconds(3600)).hasPassed)
    }

    /// `poll` counts milliseconds in 32 bits, and a negative number waits for ever.
    @Test func oneThatIsWeeksAwayWaitsForAsLongAsPollCan() {
        #expect(Deadline(after: .seconds(30 * 86400)).pollMilliseconds == Int32.max)
    }

    @Test func theEarlierOfTwoIsTheSameWhicheverIsAsked() {
        let now = ContinuousClock.now
        let (first, second) = (Deadline(now), Deadline(now + .nanoseconds(1)))
        #expect(first.earlier(of: second).instant == now)
        #expect(second.earlier(of: first).instant == now)
    }
}
