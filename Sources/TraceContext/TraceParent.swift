/// The `traceparent` header of W3C Trace Context: which span something was caused by, and whether that is recorded.
package struct TraceParent: Sendable, Hashable, CustomStringConvertible {
    /// The header's name.
    package static let header = "traceparent"

    package let traceID: TraceID
    package let spanID: SpanID
    package let isSampled: Bool

    package init(traceID: TraceID, spanID: SpanID, isSampled: Bool) {
        self.traceID = traceID
        self.spanID = spanID
        self.isSampled = isSampled
    }

    /// Reads a header's value; nil if it is not one, and then it is as if there were none.
    ///
    /// Of a later version it reads what the first one has, as the recommendation says; flags that it does not know are
    /// passed over.
    package init?(_ text: some StringProtocol) {
        // 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01
        let bytes = Array(text.utf8.prefix(56))
        let dash = UInt8(ascii: "-")
        guard bytes.count >= 55, bytes[2] == dash, bytes[35] == dash, bytes[52] == dash,
            let version = Hexadecimal.value(of: bytes[..<2]), version != 0xFF,
            bytes.count == 55 || (version > 0 && bytes[55] == dash),
            let traceID = TraceID(digits: bytes[3..<35]), let spanID = SpanID(digits: bytes[36..<52]),
            let flags = Hexadecimal.value(of: bytes[53..<55])
        else { return nil }
        self.init(traceID: traceID, spanID: spanID, isSampled: flags & 1 == 1)
    }

    /// The header's value, in version 00.
    package var description: String { "00-\(traceID)-\(spanID)-\(isSampled ? "01" : "00")" }
}
