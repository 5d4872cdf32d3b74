/// Names a span within its trace: 64 bits, never all zero.
package struct SpanID: Sendable, Hashable, CustomStringConvertible {
    package let value: UInt64

    /// Zero, which names nothing, becomes one.
    package init(_ value: UInt64) {
        self.value = value == 0 ? 1 : value
    }

    /// Reads 16 lower-case hexadecimal digits; nil for anything else, and for zero.
    package init?(digits: some Collection<UInt8>) {
        guard digits.count == 16, let value = Hexadecimal.value(of: digits), value != 0 else { return nil }
        self.init(value)
    }

    /// Another one each time.
    package static func random() -> SpanID { SpanID(UInt64.random(in: 0...UInt64.max)) }

    /// 16 hexadecimal digits.
    package var description: String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(16)
        Hexadecimal.append(value, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}
