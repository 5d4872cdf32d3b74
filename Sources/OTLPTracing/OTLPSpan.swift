import Synchronization
import TraceContext
package import Tracing

/// A span under way.
///
/// One that ends before its parent, if that is of this process, waits for it and goes out with it: a parent that is lost
/// with its process, or finds no room, leaves no children behind that hang in the air.
package final class OTLPSpan: Tracing.Span {
    private struct State {
        var name: String
        var attributes: SpanAttributes = [:]
        var events: [SpanEvent] = []
        var links: [SpanLink] = []
        var status: SpanStatus?
        /// Ended, and waiting for this one.
        var descendants: [FinishedSpan] = []
        var hasEnded = false
    }

    private enum LocalKey: InstrumentationContextKey {
        typealias Value = OTLPSpan
        static let nameOverride: String? = "mixmyai-local-span"
    }

    /// Whether anything of it is kept.
    package let isRecording: Bool
    private let base: InstrumentationContext
    private let identity: SpanIdentity
    private let kind: SpanKind
    private let startNanoseconds: UInt64
    /// Not this one's own context: it would keep itself alive.
    private let parent: OTLPSpan?
    private let state: Mutex<State>
    private let sink: @Sendable ([FinishedSpan]) -> Void

    init(
        _ name: String, _ identity: SpanIdentity, isRecording: Bool, kind: SpanKind, startNanoseconds: UInt64,
        context: InstrumentationContext, sink: @escaping @Sendable ([FinishedSpan]) -> Void
    ) {
        self.identity = identity
        self.isRecording = isRecording
        self.kind = kind
        self.startNanoseconds = startNanoseconds
        self.sink = sink
        let local = context[LocalKey.self]
        parent = local?.identity.spanID == context.currentSpan?.spanID ? local : nil
        base = context
        state = Mutex(State(name: name))
    }

    /// What children begin with.
    package var context: InstrumentationContext {
        var context = base
        context.nextIdentity = nil
        context.currentSpan = SpanReference(
            traceID: identity.traceID, spanID: identity.spanID, isSampled: isRecording)
        context[LocalKey.self] = self
        return context
    }

    package var operationName: String {
        get { state.withLock { $0.name } }
        set { change { $0.name = newValue } }
    }

    package var attributes: SpanAttributes {
        get { state.withLock { $0.attributes } }
        set { change { $0.attributes = newValue } }
    }

    package func setStatus(_ status: SpanStatus) { change { $0.status = status } }

    package func addEvent(_ event: SpanEvent) { change { $0.events.append(event) } }

    package func addLink(_ link: SpanLink) { change { $0.links.append(link) } }

    /// Keeps the type alone: what an error says may hold users' texts.
    package func recordError<Instant: TracerInstant>(
        _ error: any Error, attributes: SpanAttributes, at instant: @autoclosure () -> Instant
    ) {
        guard isRecording else { return }
        var attributes = attributes
        attributes["exception.type"] = String(reflecting: type(of: error))
        addEvent(SpanEvent(name: "exception", at: instant(), attributes: attributes))
    }

    /// Ending it again changes nothing.
    package func end<Instant: TracerInstant>(at instant: @autoclosure () -> Instant) {
        guard isRecording else { return }
        let end = max(instant().nanosecondsSinceEpoch, startNanoseconds)
        let group = state.withLock { state -> [FinishedSpan] in
            guard !state.hasEnded else { return [] }
            state.hasEnded = true
            let span = FinishedSpan(
                traceID: identity.traceID, spanID: identity.spanID, parentID: base.currentSpan?.spanID,
                isParentRemote: parent == nil, kind: kind, name: state.name, startNanoseconds: startNanoseconds,
                endNanoseconds: end, attributes: state.attributes, events: state.events, links: state.links,
                status: state.status)
            defer { state.descendants = [] }
            return [span] + state.descendants
        }
        if !group.isEmpty, parent?.keep(group) != true { sink(group) }
    }

    /// - Returns: false if it has ended itself.
    private func keep(_ group: [FinishedSpan]) -> Bool {
        state.withLock { state in
            if !state.hasEnded { state.descendants += group }
            return !state.hasEnded
        }
    }

    private func change(_ body: (inout State) -> Void) {
        guard isRecording else { return }
        state.withLock { state in
            if !state.hasEnded { body(&state) }
        }
    }
}
