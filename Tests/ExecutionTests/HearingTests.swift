import FleetCore
import Testing

@testable import Execution

/// Whether a worker notices that a queue has gone silent for it alone.
struct HearingTests {
    private func news(_ number: Int, consumers: Int = 1) -> [CanaryNews] {
        [CanaryNews(agentType: "a", number: number, consumers: consumers)]
    }

    /// The number of the canary at which it subscribes again.
    private func deafness(consumers: Int) -> Int? {
        var hearing = Hearing(agentTypes: ["a", "b"], at: .zero)
        return (10...200).first { hearing.learn(news($0, consumers: consumers), at: .zero) }.map { $0 - 10 }
    }

    @Test func canariesThatGoByMakeItDeafTheLaterTheMoreConsumersThereAre() {
        #expect(deafness(consumers: 0) == 5)
        #expect(deafness(consumers: 1) == 5)
        #expect(deafness(consumers: 8) == 19)
    }

    @Test func whatIsHeardBetweenTwoCanariesCountsAnew() {
        var hearing = Hearing(agentTypes: ["a"], at: .zero)
        for number in 1...50 {
            let mustSubscribe = hearing.learn(news(number), at: .zero)
            #expect(!mustSubscribe)
            if number % 3 == 0 { hearing.heard("a", at: .seconds(number)) }
        }
        #expect(hearing.deafTo.isEmpty)
    }

    @Test func aFullWorkerMissesNothing() {
        var hearing = Hearing(agentTypes: ["a"], at: .zero)
        for number in 1...50 {
            hearing.rest(at: .seconds(number))
            let mustSubscribe = hearing.learn(news(number), at: .zero)
            #expect(!mustSubscribe)
        }
    }

    @Test func itSubscribesAgainAndAgainAndIsHealedByAnyDelivery() {
        var hearing = Hearing(agentTypes: ["a"], at: .zero)
        let times = (0...17).filter { hearing.learn(news($0), at: .zero) }
        #expect(times == [5, 11, 17])
        #expect(hearing.deafTo == ["a"])
        hearing.heard("a", at: .seconds(1))
        #expect(hearing.deafTo.isEmpty)
    }

    /// Without a consumer no canary is sent: the queue's silence has to do.
    @Test func aQueueThatNobodyHearsIsSubscribedAgainAsWell() {
        var hearing = Hearing(agentTypes: ["a"], at: .zero)
        let times = (0...60).filter { second in
            let silent = CanaryNews(agentType: "a", number: 1, consumers: 0, silence: .seconds(second))
            return hearing.learn([silent], at: .seconds(second))
        }
        #expect(times == [16, 32, 48])
        #expect(hearing.deafTo == ["a"])
    }

    @Test func anothersSilenceIsNotOnes() {
        var hearing = Hearing(agentTypes: ["a"], at: .zero)
        for second in 0...60 {
            if second % 10 == 0 { hearing.heard("a", at: .seconds(second)) }
            let silent = CanaryNews(agentType: "a", number: 1, consumers: 2, silence: .seconds(60))
            let mustSubscribe = hearing.learn([silent], at: .seconds(second))
            #expect(!mustSubscribe)
        }
    }

    /// A database from a backup counts from an earlier number.
    @Test func numbersThatGoBackMeanNothing() {
        var hearing = Hearing(agentTypes: ["a"], at: .zero)
        let wishes = [100, 3, 7].map { hearing.learn(news($0), at: .zero) }
        #expect(wishes == [false, false, false])
        hearing.heard("a", canary: 4, at: .seconds(1))
        let report = hearing.report(at: .seconds(2)) { Int($0 / .seconds(1)) }
        #expect(report?["a"] == QueueHearing(canary: 4, canaryAt: 1, quietSince: 1, isDeaf: false))
    }

    @Test func canariesAreToldAtOnceAllElseNowAndThen() {
        var hearing = Hearing(agentTypes: ["a"], at: .zero)
        func isReported(_ milliseconds: Int) -> Bool {
            hearing.report(at: .milliseconds(milliseconds)) { _ in 0 } != nil
        }
        #expect(isReported(0))
        hearing.heard("a", at: .milliseconds(100))
        #expect(!isReported(300))
        hearing.heard("a", canary: 1, at: .milliseconds(400))
        #expect(isReported(600))
        #expect(!isReported(900))
        hearing.untold()
        #expect(isReported(1200))
        #expect(!isReported(3000))
        #expect(isReported(3200))
        // What no queue of its own has sent is nobody's.
        hearing.heard("other", canary: 9, at: .seconds(4))
        #expect(!isReported(4000))
    }
}
