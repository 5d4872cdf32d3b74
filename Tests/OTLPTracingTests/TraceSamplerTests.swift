import OTLPTracing
import Testing
import TraceContext

@Suite struct TraceSamplerTests {
    /// Ids that are spread evenly.
    private static let traces = (0..<20_000).map { number in
        TraceID(high: 7, low: UInt64(number) &* 0x9E37_79B9_7F4A_7C15)
    }

    private func share(_ sampler: TraceSampler) -> Double {
        Double(Self.traces.count { sampler.isSampled($0, parent: nil) }) / Double(Self.traces.count)
    }

    @Test func aRatioIsKept() {
        #expect(share(TraceSampler(ratio: 0, followsParent: false)) == 0)
        #expect(share(TraceSampler(ratio: 1, followsParent: false)) == 1)
        for ratio in [0.01, 0.25, 0.5, 0.9] {
            #expect(abs(share(TraceSampler(ratio: ratio, followsParent: false)) - ratio) < 0.005)
        }
    }

    @Test func whatASmallerRatioRecordsALargerOneRecordsToo() {
        let (few, many) = (
            TraceSampler(ratio: 0.1, followsParent: false), TraceSampler(ratio: 0.3, followsParent: true)
        )
        for trace in Self.traces where few.isSampled(trace, parent: nil) {
            #expect(many.isSampled(trace, parent: nil))
        }
    }

    @Test func whatAParentHasDecidedHoldsOnlyForWhoFollowsIt() {
        let trace = TraceID(high: 0, low: UInt64.max)
        for parent in [true, false] {
            #expect(TraceSampler(ratio: 0.5, followsParent: true).isSampled(trace, parent: parent) == parent)
            #expect(!TraceSampler(ratio: 0.5, followsParent: false).isSampled(trace, parent: parent))
            #expect(TraceSampler(ratio: 1, followsParent: false).isSampled(trace, parent: parent))
        }
        #expect(!TraceSampler(ratio: 0.5, followsParent: true).isSampled(trace, parent: nil))
    }

    @Test func onlyWhatNeverRecordsIsOff() {
        #expect(TraceSampler(ratio: 0, followsParent: false).isOff)
        #expect(!TraceSampler(ratio: 0, followsParent: true).isOff)
        #expect(!TraceSampler(ratio: 0.001, followsParent: false).isOff)
    }
}
