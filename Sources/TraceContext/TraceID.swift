/// Names a trace: 128 bits, never all zero.
package struct TraceID: Sendable, Hashable, CustomStringConvertible {
    package let high: UInt64
    package let low: UInt64

    /// All zero, which names nothing, becomes one.
    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = high == 0 && low == 0 ? 1 : low
    }

    /// Reads 32 lower-case hexadecimal digits; nil for anything else, and for zero.
    package init?(digits: some Collection<UInt8>) {
        guard digits.count == 32, let high = Hexadecimal.value(of: digits.prefix(16)),
            let low = Hexadecimal.value(of: digits.dropFirst(16)), high | low != 0
        else { return nil }
        self.init(high: high, low: low)
    }

    /// Another one each time.
    package static func random() -> TraceID {
        TraceID(high: UInt64.random(in: 0...UInt64.max), low: UInt64.random(in: 0...UInt64.max))
    }

    /// 32 hexadecimal digits.
    package var description: String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(32)
        Hexadecimal.append(high, to: &bytes)
        Hexadecimal.append(low, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}
