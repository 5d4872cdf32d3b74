/// Decimal text to PostgreSQL's numeric: base-10000 digits, the weight of the first, sign, and the number of decimal
/// places to show.
extension BinaryWriter {
    mutating func append(numeric text: String) throws(PostgresError) {
        switch text.lowercased() {
        case "nan": return appendNumericHeader(sign: 0xC000)
        case "infinity", "inf", "+infinity", "+inf": return appendNumericHeader(sign: 0xD000)
        case "-infinity", "-inf": return appendNumericHeader(sign: 0xF000)
        default: break
        }
        var text = text
        let decimal = text.withUTF8 { Decimal(utf8: $0) }
        guard let decimal, decimal.scale <= 16383, decimal.point <= 131_072 else {
            throw PostgresError(.decoding, "numeric parameter is not a decimal number")
        }
        text.withUTF8 { append(decimal, of: $0) }
    }

    private mutating func appendNumericHeader(sign: UInt16) {
        append(Int16(0))
        append(Int16(0))
        append(sign)
        append(Int16(0))
    }

    private mutating func append(_ decimal: Decimal, of utf8: UnsafeBufferPointer<UInt8>) {
        let header = bytes.count
        appendNumericHeader(sign: decimal.isNegative ? 0x4000 : 0)
        overwrite(Int16(decimal.scale), at: header + 6)

        let highest = decimal.point > 0 ? (decimal.point - 1) / 4 : -((4 - decimal.point) / 4)
        let lowest = -((decimal.scale + 3) / 4)
        var firstWeight: Int?
        var end = bytes.count
        for weight in stride(from: highest, through: min(lowest, 0), by: -1) {
            var group: Int16 = 0
            for position in stride(from: 4 * weight + 3, through: 4 * weight, by: -1) {
                group = group * 10 + decimal.digit(at: position, of: utf8)
            }
            if group == 0 && firstWeight == nil { continue }
            if firstWeight == nil { firstWeight = weight }
            append(group)
            if group != 0 { end = bytes.count }
        }
        removeLast(to: end)
        guard let firstWeight else {
            // Zero has no digits, and no sign.
            overwrite(UInt16(0), at: header + 4)
            return
        }
        overwrite(Int16((end - header - 8) / 2), at: header)
        overwrite(Int16(firstWeight), at: header + 2)
    }
}

/// Where the digits of a decimal text lie.
private struct Decimal {
    var isNegative = false
    /// Offset of the first digit (or of the point) and one past the last digit.
    var start = 0
    var end = 0
    /// Offset of the written point; `end` if there is none.
    var writtenPoint = 0
    /// Digits before the point once the exponent is applied; may be negative or beyond the digits.
    var point = 0
    /// Digits after the point once the exponent is applied.
    var scale = 0

    init?(utf8: UnsafeBufferPointer<UInt8>) {
        var index = 0
        if index < utf8.count, utf8[index] == UInt8(ascii: "-") || utf8[index] == UInt8(ascii: "+") {
            isNegative = utf8[index] == UInt8(ascii: "-")
            index += 1
        }
        start = index
        var pointOffset: Int?
        var digits = 0
        while index < utf8.count {
            if utf8[index] == UInt8(ascii: "."), pointOffset == nil {
                pointOffset = index
            } else if (48...57).contains(utf8[index]) {
                digits += 1
            } else {
                break
            }
            index += 1
        }
        guard digits > 0, digits <= 150_000 else { return nil }
        end = index
        writtenPoint = pointOffset ?? end
        var exponent = 0
        if index < utf8.count {
            guard utf8[index] == UInt8(ascii: "e") || utf8[index] == UInt8(ascii: "E") else { return nil }
            let text = String(decoding: utf8[(index + 1)...], as: UTF8.self)
            guard let value = Int(text), abs(value) <= 20_000 else { return nil }
            exponent = value
        }
        point = writtenPoint - start + exponent
        scale = max(0, digits - point)
    }

    /// The digit of 10^position; zero beyond what is written.
    func digit(at position: Int, of utf8: UnsafeBufferPointer<UInt8>) -> Int16 {
        let index = point - 1 - position
        guard index >= 0 else { return 0 }
        var offset = start + index
        if offset >= writtenPoint { offset += 1 }
        guard offset < end else { return 0 }
        return Int16(utf8[offset]) - 48
    }
}
