package import FleetCore
import Synchronization
import TraceContext
import Tracing

/// The span of an attempt under way, with those of its calls. They go out together when it is settled: of an attempt that
/// is lost with its worker nothing is left, and its successor hangs under the task like any other.
package final class AttemptSpan: Sendable {
    private struct Call {
        let span: any Tracing.Span
        let end: DefaultTracerClock.Timestamp
    }

    private let trace: TaskTrace
    private let taskID: String
    private let step: (id: Int, attempt: Int, kind: StepKind)
    private let tracer: any Tracer
    private let span: any Tracing.Span
    private let time: SpanTime
    private let calls = Mutex<[Call]>([])

    init(
        _ step: ClaimedStep, _ trace: TaskTrace, _ tracer: any Tracer, _ span: any Tracing.Span, _ time: SpanTime
    ) {
        taskID = step.taskID
        self.step = (step.stepID, step.attempt, step.kind)
        self.trace = trace
        self.tracer = tracer
        self.span = span
        self.time = time
    }

    /// One span per call; a retry is another call.
    package func callEnded(_ call: CallFacts) {
        let record = call.record
        var context = span.context
        // Unsent calls have the number of the one that follows: their spans draw ids.
        if call.wasSent {
            context.nextIdentity = SpanIdentity(
                traceID: trace.traceID,
                spanID: trace.call(step: step.id, attempt: step.attempt, number: record.number))
        }
        let made = tracer.startSpan(
            "\(SpanNames.chat) \(call.modelID)", context: context, ofKind: .client, at: time.instant(call.start))
        var attributes = attributes(of: call)
        attributes.merge(Self.attributes(of: record.account))
        if record.outcome != "succeeded" {
            attributes[SpanNames.errorType] = record.outcome
            made.setStatus(SpanStatus(code: .error))
        }
        made.attributes = attributes
        let end = time.instant(call.start + record.duration)
        calls.withLock { $0.append(Call(span: made, end: end)) }
    }

    /// The last call's answer does not satisfy its schema. The call itself has worked.
    package func answerWasRefused() {
        guard let made = calls.withLock({ $0.last }) else { return }
        made.span.attributes[SpanNames.callOutcome] = "invalid_answer"
    }

    /// - Parameters:
    ///   - isStale: another attempt had taken over; nil: nobody knows, the outcome was not written.
    ///   - end: when the outcome was there, by the worker's clock. It is written after that.
    package func ended(_ outcome: StepOutcome, isStale: Bool?, at end: Duration) {
        for call in calls.withLock({ $0 }) { call.span.end(at: call.end) }
        var attributes = span.attributes
        attributes[SpanNames.stepOutcome] = outcome.label
        if isStale == true { attributes[SpanNames.stale] = true }
        switch outcome {
        case .failed, .dead:
            attributes[SpanNames.errorType] = outcome.label
            span.setStatus(SpanStatus(code: .error))
        case .retry(_, let reason, _, countsAsFailure: true):
            attributes[SpanNames.errorType] = reason.rawValue
            span.setStatus(SpanStatus(code: .error))
        case .succeeded, .retry, .handedBack, .cancelled: break
        }
        span.attributes = attributes
        span.end(at: time.instant(end))
    }

    private func attributes(of call: CallFacts) -> SpanAttributes {
        let record = call.record
        var attributes: SpanAttributes = [:]
        attributes[SpanNames.operation] = SpanNames.chat
        attributes[SpanNames.provider] = record.provider
        attributes[SpanNames.requestModel] = call.modelID
        attributes[SpanNames.requestMaxTokens] = call.maxOutputTokens
        attributes[SpanNames.requestStream] = true
        attributes[SpanNames.outputType] = "json"
        attributes[SpanNames.promptName] = step.kind.rawValue
        attributes[SpanNames.promptVersion] = record.promptVersion
        attributes[SpanNames.responseModel] = call.answeringModel?.cut(to: 100)
        attributes[SpanNames.finishReasons] = call.finishReason.map { [$0.cut(to: 50)] }
        attributes[SpanNames.httpStatus] = record.httpStatus
        attributes[SpanNames.callNumber] = call.wasSent ? record.number : nil
        attributes[SpanNames.callOutcome] = record.outcome
        attributes[SpanNames.callPurpose] = record.purpose.rawValue
        attributes[SpanNames.catalogueModel] = record.model
        attributes[SpanNames.capacityWait] = call.waited.inSeconds
        attributes[SpanNames.task] = taskID
        attributes[SpanNames.step] = step.id
        attributes[SpanNames.attempt] = step.attempt
        return attributes
    }

    /// What is not known is not said: an estimate would be taken for a count.
    private static func attributes(of account: CallAccount) -> SpanAttributes {
        var attributes: SpanAttributes = [:]
        if let usage = account.usage {
            attributes[SpanNames.inputTokens] = usage.inputTokens
            attributes[SpanNames.outputTokens] = usage.outputTokens
            attributes[SpanNames.cacheReadTokens] = usage.cacheReadTokens
            attributes[SpanNames.cacheWriteTokens] = usage.cacheWriteTokens
            attributes[SpanNames.reasoningTokens] = usage.reasoningTokens
        }
        attributes[SpanNames.cost] = account.cost.map { Double($0.millionths) / 1_000_000 }
        return attributes
    }
}
