package import Instrumentation

private enum CurrentSpanKey: InstrumentationContextKey {
    typealias Value = SpanReference
    static let nameOverride: String? = "mixmyai-current-span"
}

private enum NextIdentityKey: InstrumentationContextKey {
    typealias Value = SpanIdentity
    static let nameOverride: String? = "mixmyai-next-identity"
}

extension InstrumentationContext {
    /// The span that a new one hangs under; nil: the new one is the first of its trace.
    package var currentSpan: SpanReference? {
        get { self[CurrentSpanKey.self] }
        set { self[CurrentSpanKey.self] = newValue }
    }

    /// What the next span is called; nil: it draws an id.
    package var nextIdentity: SpanIdentity? {
        get { self[NextIdentityKey.self] }
        set { self[NextIdentityKey.self] = newValue }
    }
}
