/// Points in time as microseconds since 1970-01-01 UTC, and their texts (RFC 3339).
package enum Timestamp {
    /// How a fraction of a second is written; digits that are not shown are cut off.
    package enum Fraction {
        case none
        case milliseconds
        case microseconds
        /// Six digits, or none if they are all zero.
        case ifAny
    }

    /// `2026-11-22T10:00:00.123456Z`.
    package static func iso8601(microseconds: Int, fraction: Fraction = .ifAny) -> String {
        var text: [UInt8] = []
        text.reserveCapacity(27)
        append(microseconds: microseconds, fraction: fraction, to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// `2026-11-22`: the UTC day, as prices are dated.
    package static func day(microseconds: Int) -> String {
        var text: [UInt8] = []
        append(CivilDay(daysSince1970: microseconds.floorDivided(by: microsecondsPerDay).quotient), to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// The same as ``iso8601(microseconds:fraction:)``, in UTF-8.
    package static func append(microseconds: Int, fraction: Fraction, to text: inout [UInt8]) {
        let (days, rest) = microseconds.floorDivided(by: microsecondsPerDay)
        let (seconds, beyond) = rest.quotientAndRemainder(dividingBy: 1_000_000)
        append(CivilDay(daysSince1970: days), to: &text)
        append(seconds / 3600, after: "T", digits: 2, to: &text)
        append(seconds / 60 % 60, after: ":", digits: 2, to: &text)
        append(seconds % 60, after: ":", digits: 2, to: &text)
        switch fraction {
        case .milliseconds: append(beyond / 1000, after: ".", digits: 3, to: &text)
        case .microseconds: append(beyond, after: ".", digits: 6, to: &text)
        case .ifAny where beyond != 0: append(beyond, after: ".", digits: 6, to: &text)
        case .none, .ifAny: break
        }
        text.append(UInt8(ascii: "Z"))
    }

    private static let microsecondsPerDay = 86_400_000_000

    private static func append(_ date: CivilDay, to text: inout [UInt8]) {
        // Years of more than four digits are beyond RFC 3339, but must not be taken for others.
        if 0...9999 ~= date.year {
            append(date.year, digits: 4, to: &text)
        } else {
            text.append(contentsOf: String(date.year).utf8)
        }
        append(date.month, after: "-", digits: 2, to: &text)
        append(date.day, after: "-", digits: 2, to: &text)
    }

    private static func append(_ number: Int, after mark: Unicode.Scalar, digits: Int, to text: inout [UInt8]) {
        text.append(UInt8(ascii: mark))
        append(number, digits: digits, to: &text)
    }

    private static func append(_ number: Int, digits: Int, to text: inout [UInt8]) {
        var divisor = 1
        for _ in 1..<digits { divisor *= 10 }
        while divisor > 0 {
            text.append(UInt8(ascii: "0") + UInt8(number / divisor % 10))
            divisor /= 10
        }
    }
}
