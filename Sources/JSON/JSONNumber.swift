/// A JSON number with its exact text: reading and writing a value changes no digit.
package struct JSONNumber: Sendable, CustomStringConvertible {
    /// The number as RFC 8259 writes it.
    package let text: String

    /// - Precondition: the text was checked against the grammar by the parser.
    init(validated text: String) {
        self.text = text
    }

    /// Any whole number, exactly.
    package init(_ value: Int) {
        text = String(value)
    }

    /// Nil for infinities and NaN, which JSON cannot express.
    package init?(_ value: Double) {
        guard value.isFinite else { return nil }
        text = value.description
    }

    /// The value, if it has no fraction and fits.
    package var int: Int? {
        if let value = Int(text) { return value }
        return Decimal(text).int
    }

    /// The nearest floating point number; nil if it is out of range.
    package var double: Double? {
        guard let value = Double(text), value.isFinite else { return nil }
        return value
    }

    /// Whether there is no fraction: `2`, `2.0` and `20e-1` are integers.
    package var isInteger: Bool { Decimal(text).exponent >= 0 }

    /// The text as it was read, digit for digit.
    package var description: String { text }

    /// The number in normal form: sign, digits without zeros at either end, power of ten.
    private struct Decimal: Equatable {
        var isNegative = false
        var digits: [UInt8] = []
        var exponent = 0

        init(_ text: String) {
            var written = 0
            var isExponentNegative = false
            var place = Place.whole
            for byte in text.utf8 {
                switch byte {
                case UInt8(ascii: "-"):
                    if place == .exponent { isExponentNegative = true } else { isNegative = true }
                case UInt8(ascii: "."): place = .fraction
                case UInt8(ascii: "e"), UInt8(ascii: "E"): place = .exponent
                case UInt8(ascii: "+"): break
                default:
                    let digit = byte - UInt8(ascii: "0")
                    switch place {
                    case .whole: digits.append(digit)
                    case .fraction:
                        digits.append(digit)
                        exponent -= 1
                    // Saturates: exponents this large have no use but must not trap.
                    case .exponent: written = min(written * 10 + Int(digit), 1_000_000_000_000)
                    }
                }
            }
            exponent += isExponentNegative ? -written : written
            while digits.last == 0 {
                digits.removeLast()
                exponent += 1
            }
            digits = Array(digits.drop { $0 == 0 })
            if digits.isEmpty { (isNegative, exponent) = (false, 0) }
        }

        var int: Int? {
            guard exponent >= 0, digits.count + exponent <= 19 else { return nil }
            let zeros = String(repeating: "0", count: exponent)
            let whole = digits.map(String.init).joined() + zeros
            return whole.isEmpty ? 0 : Int((isNegative ? "-" : "") + whole)
        }

        private enum Place { case whole, fraction, exponent }
    }
}

extension JSONNumber: Equatable {
    /// Compares values exactly: `1`, `1.0` and `10e-1` are equal, whatever the digits.
    package static func == (left: JSONNumber, right: JSONNumber) -> Bool {
        left.text == right.text || Decimal(left.text) == Decimal(right.text)
    }
}
