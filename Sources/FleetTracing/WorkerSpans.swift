package import FleetCore
import TraceContext
package import Tracing

/// What workers record of attempts and calls.
package struct WorkerSpans: Sendable {
    /// Records nothing.
    package static let none = WorkerSpans(nil)

    private let tracer: (any Tracer)?

    /// - Parameter tracer: nil: nothing is recorded, and nothing is done for it.
    package init(_ tracer: (any Tracer)?) {
        self.tracer = tracer
    }

    /// The span of an attempt, under that of its task; nil if it is not recorded.
    ///
    /// - Parameters:
    ///   - traceparent: of the ticket. The task's trace is known without it: it only says whether the trace is recorded, and
    ///     one of another trace becomes a link.
    ///   - now: by the worker's clock.
    package func attemptBegan(_ step: ClaimedStep, traceparent: String?, at now: Duration) -> AttemptSpan? {
        guard let tracer else { return nil }
        let trace = TaskTrace(task: step.taskID)
        let ofTicket = traceparent.flatMap(TraceParent.init)
        let isContinued = ofTicket?.traceID == trace.traceID
        var context = InstrumentationContext.topLevel
        context.currentSpan = SpanReference(
            traceID: trace.traceID, spanID: trace.root, isSampled: isContinued ? ofTicket?.isSampled : nil)
        context.nextIdentity = SpanIdentity(
            traceID: trace.traceID, spanID: trace.attempt(step: step.stepID, attempt: step.attempt))
        let time = SpanTime(now: now)
        let span = tracer.startSpan(
            "\(SpanNames.agent) \(step.agentType)", context: context, at: time.instant(now))
        guard span.isRecording else { return nil }
        if let ofTicket, !isContinued { span.addLink(.to(SpanReference(ofTicket))) }
        if step.attempt > 1 {
            let earlier = trace.attempt(step: step.stepID, attempt: step.attempt - 1)
            span.addLink(.to(SpanReference(traceID: trace.traceID, spanID: earlier, isSampled: true)))
        }
        span.attributes = Self.attributes(of: step)
        return AttemptSpan(step, trace, tracer, span, time)
    }

    private static func attributes(of step: ClaimedStep) -> SpanAttributes {
        var attributes: SpanAttributes = [:]
        attributes[SpanNames.operation] = SpanNames.agent
        attributes[SpanNames.agentName] = step.agentType
        attributes[SpanNames.task] = step.taskID
        attributes[SpanNames.subtask] = step.subtaskID
        attributes[SpanNames.step] = step.stepID
        attributes[SpanNames.stepKind] = step.kind.rawValue
        attributes[SpanNames.attempt] = step.attempt
        attributes[SpanNames.queueWait] = step.waited?.inSeconds
        if step.isTakenOver { attributes[SpanNames.takenOver] = true }
        return attributes
    }
}

extension SpanLink {
    static func to(_ span: SpanReference) -> SpanLink {
        var context = InstrumentationContext.topLevel
        context.currentSpan = span
        return SpanLink(context: context, attributes: [:])
    }
}
