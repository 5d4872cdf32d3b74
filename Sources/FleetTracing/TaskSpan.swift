import FleetCore
import TraceContext
import Tracing

/// The span of a task as a whole.
enum TaskSpan {
    /// - Parameter createdAt: in microseconds since 1970-01-01 UTC.
    static func record(
        _ id: String, status: TaskStatus, priority: Priority?, createdAt: Int, end: DefaultTracerClock.Timestamp,
        _ tracer: any Tracer
    ) {
        let trace = TaskTrace(task: id)
        var context = InstrumentationContext.topLevel
        context.nextIdentity = SpanIdentity(traceID: trace.traceID, spanID: trace.root)
        let span = tracer.startSpan(
            "\(SpanNames.workflow) \(SpanNames.taskWorkflow)", context: context,
            at: SpanTime.instant(microseconds: createdAt))
        guard span.isRecording else { return }
        var attributes: SpanAttributes = [:]
        attributes[SpanNames.operation] = SpanNames.workflow
        attributes[SpanNames.agentName] = SpanNames.taskWorkflow
        attributes[SpanNames.task] = id
        attributes[SpanNames.taskStatus] = status.rawValue
        attributes[SpanNames.taskPriority] = priority?.rawValue
        if status == .failed {
            attributes[SpanNames.errorType] = status.rawValue
            span.setStatus(SpanStatus(code: .error))
        }
        span.attributes = attributes
        span.end(at: end)
    }
}
