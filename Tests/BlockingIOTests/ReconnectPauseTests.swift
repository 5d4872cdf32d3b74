import BlockingIO
import Testing

@Suite struct ReconnectPauseTests {
    @Test func pausesDoubleFrom50MillisecondsToTheLimitAndAreShortenedByHalfAtMost() {
        var pause = ReconnectPause(limit: .milliseconds(500))
        for ceiling in [50, 100, 200, 400, 500, 500, 500] {
            let next = pause.next()
            #expect(next >= .milliseconds(ceiling) / 2 && next <= .milliseconds(ceiling))
        }
    }

    @Test func aFleetDoesNotReturnInStep() {
        let firsts = (0..<20).map { _ in
            var pause = ReconnectPause()
            return pause.next()
        }
        #expect(Set(firsts).count > 1)
    }

    @Test func afterASuccessTheFirstPauseComesAgain() {
        var pause = ReconnectPause()
        for _ in 0..<5 { _ = pause.next() }
        pause.reset()
        #expect(pause.next() <= .milliseconds(50))
        #expect(pause.next() <= .milliseconds(100))
    }

    @Test(arguments: [1, 20, 49]) func noPauseIsLongerThanTheLimit(milliseconds: Int) {
        for _ in 0..<20 {
            var pause = ReconnectPause(limit: .milliseconds(milliseconds))
            #expect(pause.next() <= .milliseconds(milliseconds))
            pause.reset()
            #expect(pause.next() <= .milliseconds(milliseconds))
        }
    }
}
