/// Told what becomes of spans.
package protocol SpanExportObserver: Sendable {
    /// The collector has taken them.
    func spansExported(_ count: Int)
    /// There was no room for them, or no time at the end: nobody has tried to send them.
    func spansDropped(_ count: Int)
    /// The collector did not take them.
    func spansFailed(_ count: Int)
    /// A request had no answer, or none that is a success; it may be tried again.
    func sendFailed()
}
