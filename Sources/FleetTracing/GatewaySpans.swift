import FleetCore
import TraceContext
package import Tracing

/// What gateways record of requests that hand in tasks, or ask something of them.
package struct GatewaySpans: Sendable {
    /// Records nothing.
    package static let none = GatewaySpans(nil)

    private let tracer: (any Tracer)?

    /// - Parameter tracer: nil: nothing is recorded, and nothing is done for it.
    package init(_ tracer: (any Tracer)?) {
        self.tracer = tracer
    }

    /// A moment for ``RequestFacts``.
    package var now: UInt64 { tracer == nil ? 0 : DefaultTracerClock.now.nanosecondsSinceEpoch }

    /// The span of a request that was granted, under that of its task.
    ///
    /// The caller's own span becomes a link: the task's trace is made of the task's id alone, or it could be lost.
    ///
    /// - Parameters:
    ///   - createdAt: of a task that was handed in, in microseconds since 1970-01-01 UTC: its span begins there, and so does
    ///     this one.
    ///   - isReplayed: it had been handed in before.
    package func granted(_ request: RequestFacts, task: String, createdAt: Int? = nil, isReplayed: Bool = false) {
        guard let tracer else { return }
        let end = DefaultTracerClock.now
        let trace = TaskTrace(task: task)
        var context = InstrumentationContext.topLevel
        context.currentSpan = trace.rootReference
        let created = createdAt.map { SpanTime.instant(microseconds: $0) }
        let received = DefaultTracerClock.Timestamp(nanosecondsSinceEpoch: request.receivedAt)
        let start = min(max(received, created ?? received), end)
        let span = tracer.startSpan("\(request.method) \(request.route)", context: context, ofKind: .server, at: start)
        guard span.isRecording else { return }
        if let caller = request.traceparent.flatMap(TraceParent.init) { span.addLink(.to(SpanReference(caller))) }
        var attributes: SpanAttributes = [:]
        attributes[SpanNames.method] = request.method
        attributes[SpanNames.route] = request.route
        attributes[SpanNames.path] = request.path
        attributes[SpanNames.scheme] = "http"
        attributes[SpanNames.httpStatus] = request.status
        attributes[SpanNames.requestID] = request.requestID
        attributes[SpanNames.task] = task
        if isReplayed { attributes[SpanNames.replayed] = true }
        span.attributes = attributes
        span.end(at: end)
    }

    /// The span of a task that its owner's wish has ended: no scheduler sees that.
    ///
    /// - Parameter createdAt: in microseconds since 1970-01-01 UTC.
    package func cancelled(task: String, createdAt: Int) {
        guard let tracer else { return }
        TaskSpan.record(
            task, status: .cancelled, priority: nil, createdAt: createdAt, end: DefaultTracerClock.now, tracer)
    }
}

/// A request as its span tells of it. No body, no query, no user.
package struct RequestFacts: Sendable {
    package var method: String
    /// The pattern.
    package var route: String
    package var path: String
    package var status: Int
    package var requestID: String
    /// Its `traceparent`, as it came.
    package var traceparent: String?
    /// As ``GatewaySpans/now`` told it.
    package var receivedAt: UInt64

    package init(
        method: String, route: String, path: String, status: Int, requestID: String, traceparent: String?,
        receivedAt: UInt64
    ) {
        self.method = method
        self.route = route
        self.path = path
        self.status = status
        self.requestID = requestID
        self.traceparent = traceparent
        self.receivedAt = receivedAt
    }
}
