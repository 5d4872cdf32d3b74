import Testing

@testable import AMQPClient

@Suite struct ConfirmTrackerTests {
    @Test func numbersStartAtOneAndStartAgainAfterReset() {
        var tracker = ConfirmTracker<String>()
        let tags = [tracker.append("a"), tracker.append("b")]
        #expect(tags == [1, 2])
        let waiting = tracker.reset()
        #expect(waiting == ["a", "b"])
        #expect(tracker.count == 0)
        let again = tracker.append("c")
        #expect(again == 1)
    }

    @Test func unknownAndRepeatedNumbersAreIgnored() {
        var tracker = ConfirmTracker<Int>()
        for token in 1...3 { _ = tracker.append(token) }
        var settled: [Int] = []
        for tag: UInt64 in [2, 2, 0, 4, 99] { tracker.settle(tag, multiple: false) { settled.append($1) } }
        #expect(settled == [2])
        tracker.settle(3, multiple: true) { settled.append($1) }
        tracker.settle(3, multiple: true) { settled.append($1) }
        #expect(settled == [2, 1, 3])
        #expect(tracker.count == 0)
    }

    @Test func zeroWithMultipleMeansAll() {
        var tracker = ConfirmTracker<Int>()
        for token in 1...5 { _ = tracker.append(token) }
        var settled: [Int] = []
        tracker.settle(0, multiple: true) { settled.append($1) }
        #expect(settled == [1, 2, 3, 4, 5])
    }

    /// Against a plain dictionary, over random publishes, single and multiple confirms and lost channels.
    @Test(arguments: 0..<200) func agreesWithAModel(seed: UInt64) {
        var random = SplitMix(seed: seed)
        var tracker = ConfirmTracker<Int>()
        var model: [UInt64: Int] = [:]
        var nextTag: UInt64 = 1
        var nextToken = 0
        for _ in 0..<400 {
            switch Int.random(in: 0..<100, using: &random) {
            case 0..<50:
                for _ in 0..<Int.random(in: 1...8, using: &random) {
                    let tag = tracker.append(nextToken)
                    #expect(tag == nextTag)
                    model[nextTag] = nextToken
                    nextTag += 1
                    nextToken += 1
                }
            case 50..<98:
                let tag = UInt64.random(in: 0...nextTag + 2, using: &random)
                let multiple = Int.random(in: 0..<4, using: &random) == 0
                var settled: [UInt64: Int] = [:]
                tracker.settle(tag, multiple: multiple) { settled[$0] = $1 }
                let limit = tag == 0 && multiple ? nextTag - 1 : tag
                let expected = model.filter { multiple ? $0.key <= limit && limit < nextTag : $0.key == tag }
                #expect(settled == expected)
                for tag in expected.keys { model[tag] = nil }
            default:
                let waiting = tracker.reset()
                #expect(waiting == model.sorted { $0.key < $1.key }.map(\.value))
                model = [:]
                nextTag = 1
            }
            #expect(tracker.count == model.count)
        }
        var waiting: [Int] = []
        tracker.forEach { waiting.append($0) }
        #expect(waiting == model.sorted { $0.key < $1.key }.map(\.value))
    }
}

/// A small reproducible generator.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
