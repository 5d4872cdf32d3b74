import TraceContext
package import Tracing

/// Makes spans that are sent in OTLP.
package struct OTLPTracer: Tracer {
    private let sampler: TraceSampler
    private let sink: @Sendable ([FinishedSpan]) -> Void

    /// - Parameter sink: gets each span that has ended, with those under it that have; must not wait.
    init(sampler: TraceSampler, sink: @escaping @Sendable ([FinishedSpan]) -> Void) {
        self.sampler = sampler
        self.sink = sink
    }

    /// Its trace and parent are those of the context's current span, its own id the one that the context wants.
    package func startSpan<Instant: TracerInstant>(
        _ operationName: String, context: @autoclosure () -> InstrumentationContext, ofKind kind: SpanKind,
        at instant: @autoclosure () -> Instant, function: String, file fileID: String, line: UInt
    ) -> OTLPSpan {
        let context = context()
        let (parent, wanted) = (context.currentSpan, context.nextIdentity)
        let traceID = parent?.traceID ?? wanted?.traceID ?? TraceID.random()
        return OTLPSpan(
            operationName, SpanIdentity(traceID: traceID, spanID: wanted?.spanID ?? SpanID.random()),
            isRecording: sampler.isSampled(traceID, parent: parent?.isSampled), kind: kind,
            startNanoseconds: instant().nanosecondsSinceEpoch, context: context, sink: sink)
    }

    /// Writes the `traceparent` of the current span.
    package func inject<Carrier, Inject: Injector>(
        _ context: InstrumentationContext, into carrier: inout Carrier, using injector: Inject
    ) where Inject.Carrier == Carrier {
        guard let span = context.currentSpan else { return }
        let parent = TraceParent(
            traceID: span.traceID, spanID: span.spanID,
            isSampled: sampler.isSampled(span.traceID, parent: span.isSampled))
        injector.inject(parent.description, forKey: TraceParent.header, into: &carrier)
    }

    /// Reads a `traceparent`; one that cannot be read is none.
    package func extract<Carrier, Extract: Extractor>(
        _ carrier: Carrier, into context: inout InstrumentationContext, using extractor: Extract
    ) where Extract.Carrier == Carrier {
        guard let parent = extractor.extract(key: TraceParent.header, from: carrier).flatMap(TraceParent.init) else {
            return
        }
        context.currentSpan = SpanReference(parent)
    }

    /// Spans are sent by ``OTLPExporter/run()`` alone.
    package func forceFlush() {}
}
