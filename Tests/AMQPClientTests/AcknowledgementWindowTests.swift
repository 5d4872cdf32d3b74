import Testing

@testable import AMQPClient

@Suite struct AcknowledgementWindowTests {
    @Test func aRunFromTheOldestIsOneFrame() {
        var window = AcknowledgementWindow()
        deliver(1...5, to: &window)
        let found1 = window.settle([3, 1, 2, 5])
        #expect(found1 == .init(upTo: 3, single: [5]))
        let found2 = window.settle([4])
        #expect(found2 == .init(upTo: 4))
        #expect(window.outstandingCount == 0)
    }

    @Test func unknownAndRepeatedNumbersAreDropped() {
        var window = AcknowledgementWindow()
        deliver(1...3, to: &window)
        let found3 = window.settle([0, 7, 2, 2])
        #expect(found3 == .init(single: [2]))
        let found4 = window.settle([2, 1])
        #expect(found4 == .init(upTo: 1))
        #expect(window.outstandingCount == 1)
        let isGapAccepted = window.deliver(9)
        #expect(!isGapAccepted)
    }

    /// A strict broker: naming a number that it does not know is an error, `multiple` settles all up to it.
    @Test(arguments: 0..<200) func aStrictBrokerAcceptsEveryFrame(seed: UInt64) {
        var random = SplitMix(seed: seed)
        var window = AcknowledgementWindow()
        var broker: Set<UInt64> = []
        var application: Set<UInt64> = []
        var next: UInt64 = 1
        for _ in 0..<300 {
            for _ in 0..<Int.random(in: 0...6, using: &random) {
                deliver(next...next, to: &window)
                broker.insert(next)
                application.insert(next)
                next += 1
            }
            let tags = (0..<Int.random(in: 0...8, using: &random)).map { _ in
                UInt64.random(in: (next > 30 ? next - 30 : 0)...next + 1, using: &random)
            }
            let settlement = window.settle(tags)
            if let tag = settlement.upTo {
                #expect(broker.contains(tag))
                broker = broker.filter { $0 > tag }
            }
            for tag in settlement.single {
                let isKnown = broker.remove(tag) != nil
                #expect(isKnown)
            }
            application.subtract(tags)
            #expect(broker == application)
            #expect(window.outstandingCount == broker.count)
        }
    }

    private func deliver(_ tags: ClosedRange<UInt64>, to window: inout AcknowledgementWindow) {
        for tag in tags {
            let isNext = window.deliver(tag)
            #expect(isNext)
        }
    }
}
