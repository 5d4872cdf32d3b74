import FleetCore
import Testing
import TraceContext
import Tracing

@testable import FleetTracing
@testable import OTLPTracing

@Suite struct GatewaySpansTests {
    private let recorded = RecordedSpans()
    private let trace = TaskTrace(task: "task_1")
    private static let caller = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"

    private func facts(_ spans: GatewaySpans, traceparent: String? = nil) -> RequestFacts {
        RequestFacts(
            method: "POST", route: "/api/v1/tasks", path: "/api/v1/tasks", status: 201, requestID: "req_1",
            traceparent: traceparent, receivedAt: spans.now)
    }

    @Test func aSubmissionIsAServerSpanUnderItsTask() throws {
        let spans = GatewaySpans(recorded.tracer())
        spans.granted(facts(spans), task: "task_1")
        let span = try #require(recorded.all.first)
        #expect(span.name == "POST /api/v1/tasks")
        #expect("\(span.kind)" == "server")
        #expect((span.traceID, span.parentID) == (trace.traceID, trace.root))
        #expect(span.text("http.request.method") == "POST")
        #expect(span.text("http.route") == "/api/v1/tasks")
        #expect(span.number("http.response.status_code") == 201)
        #expect(span.text("mixmyai.request.id") == "req_1")
        #expect(span.links.isEmpty)
    }

    /// Whatever the caller records, the task's trace is its own, recorded or not as its own id says.
    @Test func theCallersSpanBecomesALink() throws {
        let spans = GatewaySpans(recorded.tracer())
        spans.granted(facts(spans, traceparent: Self.caller), task: "task_1")
        spans.granted(facts(spans, traceparent: "nonsense"), task: "task_1")
        #expect(recorded.all.map(\.traceID) == [trace.traceID, trace.traceID])
        #expect(recorded.all[0].targets == [SpanReference(try #require(TraceParent(Self.caller)))])
        #expect(recorded.all[1].links.isEmpty)
        let quiet = GatewaySpans(recorded.tracer(ratio: 0))
        quiet.granted(facts(quiet, traceparent: Self.caller.dropLast(2) + "01"), task: "task_1")
        #expect(recorded.all.count == 2)
    }

    /// It begins with the task, and ends after it has begun, whatever the clocks say.
    @Test func aSubmissionLiesWithinItsTask() throws {
        let spans = GatewaySpans(recorded.tracer())
        let now = Int(DefaultTracerClock.now.nanosecondsSinceEpoch / 1000)
        for createdAt in [now - 5_000_000, now, now + 5_000_000] {
            spans.granted(facts(spans), task: "task_1", createdAt: createdAt, isReplayed: createdAt < now)
        }
        let ends = recorded.all
        #expect(ends.allSatisfy { $0.startNanoseconds <= $0.endNanoseconds })
        #expect(ends[0].startNanoseconds >= UInt64(now) * 1000)
        #expect(ends.map { $0.attributes.get("mixmyai.request.replayed") } == [true, nil, nil])
    }

    @Test func aCancelledTaskHasItsRootFromWhoeverHasEndedIt() throws {
        GatewaySpans(recorded.tracer()).cancelled(task: "task_1", createdAt: 1_700_000_000_000_000)
        let span = try #require(recorded.all.first)
        #expect((span.spanID, span.parentID) == (trace.root, nil))
        #expect(span.text("mixmyai.task.status") == "cancelled")
    }

    @Test func withoutATracerNothingIsDone() {
        #expect(GatewaySpans.none.now == 0)
        GatewaySpans.none.granted(facts(.none), task: "task_1")
        GatewaySpans.none.cancelled(task: "task_1", createdAt: 0)
    }
}
