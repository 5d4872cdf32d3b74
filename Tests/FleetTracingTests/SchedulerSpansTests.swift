import FleetCore
import Testing
import TraceContext
import Tracing

@testable import FleetTracing
@testable import OTLPTracing

@Suite struct SchedulerSpansTests {
    private let recorded = RecordedSpans()
    private let trace = TaskTrace(task: "task_1")
    private let createdAt = 1_700_000_000_000_001

    private func finished(_ status: TaskStatus, createdAt: Int?) -> FinishedTask {
        FinishedTask(taskID: "task_1", status: status, priority: .high, age: nil, createdAt: createdAt)
    }

    @Test func aTaskThatHasEndedIsTheRootOfItsTrace() throws {
        let before = DefaultTracerClock.now.nanosecondsSinceEpoch
        SchedulerSpans(recorded.tracer()).ended([finished(.partialCompletion, createdAt: createdAt)])
        let span = try #require(recorded.all.first)
        #expect(recorded.all.count == 1)
        #expect(span.name == "invoke_workflow task")
        #expect((span.traceID, span.spanID) == (trace.traceID, trace.root))
        #expect(span.parentID == nil)
        #expect(span.startNanoseconds == UInt64(createdAt) * 1000)
        #expect(span.endNanoseconds >= before)
        #expect(span.text("gen_ai.operation.name") == "invoke_workflow")
        #expect(span.text("mixmyai.task.status") == "partial_completion")
        #expect(span.text("mixmyai.task.priority") == "high")
        #expect(span.status == nil)
    }

    @Test func aFailedTaskIsAnError() throws {
        SchedulerSpans(recorded.tracer()).ended([finished(.failed, createdAt: createdAt)])
        #expect(recorded.all.first?.status == SpanStatus(code: .error))
    }

    /// A second root of the same id would be no tree.
    @Test func whatEndsForTheSecondTimeHasNoSecondRoot() {
        SchedulerSpans(recorded.tracer()).ended([finished(.completed, createdAt: nil)])
        #expect(recorded.all.isEmpty)
    }

    @Test func ticketsCarryTheTraceOfTheirTask() throws {
        let ticket = Ticket(
            stepID: 7, taskID: "task_1", subtaskID: nil, agentType: "manager", attempt: 0, priority: .medium)
        for ratio in [1.0, 0.0] {
            let traced = SchedulerSpans(recorded.tracer(ratio: ratio)).traced([ticket, ticket])
            let parent = try #require(traced.last?.traceparent.flatMap(TraceParent.init))
            #expect(parent == TraceParent(traceID: trace.traceID, spanID: trace.root, isSampled: ratio == 1))
        }
        #expect(SchedulerSpans.none.traced([ticket]) == [ticket])
    }
}
