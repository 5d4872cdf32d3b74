import Synchronization
import Testing
import TraceContext
import Tracing

@testable import OTLPTracing

@Suite struct OTLPTracerTests {
    private final class Groups: Sendable {
        let all = Mutex<[[FinishedSpan]]>([])
    }

    private let groups = Groups()
    private let tracer: OTLPTracer

    init() {
        tracer = OTLPTracer(sampler: TraceSampler(ratio: 1, followsParent: true)) { [groups] group in
            groups.all.withLock { $0.append(group) }
        }
    }

    private var ended: [[FinishedSpan]] { groups.all.withLock { $0 } }

    private func time(_ nanoseconds: UInt64) -> DefaultTracerClock.Timestamp {
        DefaultTracerClock.Timestamp(nanosecondsSinceEpoch: nanoseconds)
    }

    @Test func childrenGoOutWithTheirParentAndAfterIt() throws {
        let parent = tracer.startSpan("parent", context: .topLevel, at: time(10))
        let child = tracer.startSpan("child", context: parent.context, at: time(20))
        let grandchild = tracer.startSpan("grandchild", context: child.context, at: time(30))
        grandchild.end(at: time(40))
        child.end(at: time(50))
        #expect(ended.isEmpty)
        parent.end(at: time(60))
        let group = try #require(ended.first)
        #expect(ended.count == 1)
        #expect(group.map(\.name) == ["parent", "child", "grandchild"])
        #expect(group.map(\.parentID) == [nil, group[0].spanID, group[1].spanID])
        #expect(Set(group.map(\.traceID)).count == 1)
        #expect(group.map(\.isParentRemote) == [true, false, false])
        #expect(group.map(\.endNanoseconds) == [60, 50, 40])
    }

    @Test func aParentThatIsNeverEndedLeavesNoChildren() {
        let parent = tracer.startSpan("parent", context: .topLevel)
        for _ in 0..<3 { tracer.startSpan("child", context: parent.context).end() }
        #expect(ended.isEmpty)
    }

    @Test func aChildThatOutlivesItsParentGoesOutByItself() {
        let parent = tracer.startSpan("parent", context: .topLevel)
        let child = tracer.startSpan("child", context: parent.context)
        parent.end()
        child.end()
        #expect(ended.map { $0.map(\.name) } == [["parent"], ["child"]])
    }

    @Test func aSpanHasTheIdentityThatItsContextWants() throws {
        var context = InstrumentationContext.topLevel
        let (trace, root, own) = (TraceID(high: 1, low: 2), SpanID(3), SpanID(4))
        context.currentSpan = SpanReference(traceID: trace, spanID: root, isSampled: nil)
        context.nextIdentity = SpanIdentity(traceID: trace, spanID: own)
        let span = tracer.startSpan("wanted", context: context)
        // Its children draw ids of their own.
        #expect(span.context.nextIdentity == nil)
        #expect(span.context.currentSpan?.spanID == own)
        span.end()
        let finished = try #require(ended.first?.first)
        #expect((finished.traceID, finished.spanID, finished.parentID) == (trace, own, root))
        #expect(finished.isParentRemote)
    }

    @Test func endingTwiceIsEndingOnceAndNothingIsAddedAfterwards() throws {
        let span = tracer.startSpan("span", context: .topLevel, at: time(100))
        // A clock that was set back.
        span.end(at: time(50))
        span.end(at: time(500))
        span.attributes["late"] = true
        span.operationName = "other"
        #expect(ended.count == 1)
        let finished = try #require(ended.first?.first)
        #expect((finished.startNanoseconds, finished.endNanoseconds) == (100, 100))
        #expect(finished.attributes.isEmpty)
        #expect(finished.name == "span")
    }

    @Test func whatIsNotSampledIsNotKeptAndSaysSo() {
        let quiet = OTLPTracer(sampler: TraceSampler(ratio: 0, followsParent: true)) { [groups] group in
            groups.all.withLock { $0.append(group) }
        }
        let span = quiet.startSpan("quiet", context: .topLevel)
        span.attributes["a"] = 1
        #expect(!span.isRecording)
        #expect(span.attributes.isEmpty)
        let child = quiet.startSpan("child", context: span.context)
        #expect(!child.isRecording)
        child.end()
        span.end()
        #expect(ended.isEmpty)
        #expect(headers(span.context, quiet)["traceparent"]?.hasSuffix("-00") == true)
    }

    @Test func aContextIsCarriedOver() throws {
        let span = tracer.startSpan("span", context: .topLevel)
        let carried = headers(span.context, tracer)
        var context = InstrumentationContext.topLevel
        tracer.extract(carried, into: &context, using: Fields())
        #expect(context.currentSpan == span.context.currentSpan)
        #expect(context.currentSpan?.isSampled == true)
        for broken in ["", "00-0-0-00", "00-" + String(repeating: "0", count: 32) + "-1234567890123456-01"] {
            var context = InstrumentationContext.topLevel
            tracer.extract(["traceparent": broken], into: &context, using: Fields())
            #expect(context.currentSpan == nil)
        }
        #expect(headers(.topLevel, tracer).isEmpty)
    }

    /// What is not known of a parent is decided as for the first span of its trace.
    @Test func anInjectedContextSaysWhatTheSamplerDecides() {
        let half = OTLPTracer(sampler: TraceSampler(ratio: 0.5, followsParent: true)) { _ in }
        for (low, flag) in [(UInt64(1), "01"), (UInt64.max, "00")] {
            var context = InstrumentationContext.topLevel
            context.currentSpan = SpanReference(
                traceID: TraceID(high: 0, low: low), spanID: SpanID(9), isSampled: nil)
            #expect(headers(context, half)["traceparent"]?.hasSuffix("-\(flag)") == true)
        }
    }

    @Test func anErrorLeavesItsTypeAndNothingThatItSays() throws {
        struct Leak: Error { let text = "a user's secret" }
        let span = tracer.startSpan("span", context: .topLevel)
        span.recordError(Leak(), attributes: ["known": 1], at: time(5))
        span.end()
        let event = try #require(ended.first?.first?.events.first)
        #expect(event.attributes.get("exception.type")?.description.contains("Leak") == true)
        #expect(!"\(event)".contains("secret"))
    }

    private struct Fields: Injector, Extractor {
        func inject(_ value: String, forKey key: String, into carrier: inout [String: String]) { carrier[key] = value }
        func extract(key: String, from carrier: [String: String]) -> String? { carrier[key] }
    }

    private func headers(_ context: InstrumentationContext, _ tracer: OTLPTracer) -> [String: String] {
        var headers: [String: String] = [:]
        tracer.inject(context, into: &headers, using: Fields())
        return headers
    }
}

extension SpanAttribute {
    fileprivate var description: String { "\(self)" }
}
