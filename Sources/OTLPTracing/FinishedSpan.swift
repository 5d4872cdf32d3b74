import TraceContext
import Tracing

/// A span that has ended, as it goes to the collector.
struct FinishedSpan: Sendable {
    var traceID: TraceID
    var spanID: SpanID
    var parentID: SpanID?
    /// Another process has, or will have, the parent.
    var isParentRemote: Bool
    var kind: SpanKind
    var name: String
    /// Since 1970-01-01 UTC.
    var startNanoseconds: UInt64
    var endNanoseconds: UInt64
    var attributes: SpanAttributes
    var events: [SpanEvent]
    var links: [SpanLink]
    var status: SpanStatus?
}
