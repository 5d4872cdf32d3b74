/// A span as others point at it.
package struct SpanReference: Sendable, Hashable {
    package let traceID: TraceID
    package let spanID: SpanID
    /// Nil: nobody has said so, and who records decides as for the first span of a trace.
    package let isSampled: Bool?

    package init(traceID: TraceID, spanID: SpanID, isSampled: Bool?) {
        self.traceID = traceID
        self.spanID = spanID
        self.isSampled = isSampled
    }

    package init(_ parent: TraceParent) {
        self.init(traceID: parent.traceID, spanID: parent.spanID, isSampled: parent.isSampled)
    }
}

/// What a span is to be called that has not begun yet: whoever knows its id beforehand can point at it without a message.
package struct SpanIdentity: Sendable, Hashable {
    package let traceID: TraceID
    package let spanID: SpanID

    package init(traceID: TraceID, spanID: SpanID) {
        self.traceID = traceID
        self.spanID = spanID
    }
}
