import UTC

/// Dates as HTTP has them (RFC 9110 section 5.6.7): the one that senders may generate, and the two old ones that
/// recipients have to understand.
enum HTTPDate {
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// Seconds since 1970 of `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT` or
    /// `Sun Nov  6 08:49:37 1994`; nil for anything else.
    static func seconds(_ text: String) -> Double? {
        let parts = text.split(separator: " ")
        if parts.count == 6, parts[5] == "GMT" || parts[5] == "UTC" {
            return seconds(day: parts[1], month: parts[2], year: parts[3], time: parts[4])
        }
        if parts.count == 4, parts[3] == "GMT" {
            let date = parts[1].split(separator: "-")
            guard date.count == 3, date[2].count == 2, let year = Int(date[2]) else { return nil }
            return seconds(
                day: date[0], month: date[1], year: "\(year < 70 ? 2000 + year : 1900 + year)", time: parts[2])
        }
        guard parts.count == 5 else { return nil }
        return seconds(day: parts[2], month: parts[1], year: parts[4], time: parts[3])
    }

    private static func seconds(
        day: Substring, month: Substring, year: Substring, time: Substring
    ) -> Double? {
        guard let day = Int(day), 1...31 ~= day, let month = months.firstIndex(of: String(month)),
            let year = Int(year), 1970...9999 ~= year
        else { return nil }
        let time = time.split(separator: ":").compactMap { Int($0) }
        guard time.count == 3, 0...23 ~= time[0], 0...59 ~= time[1], 0...60 ~= time[2] else { return nil }
        let date = CivilDay(year: year, month: month + 1, day: day)
        return Double(date.secondsSince1970(hour: time[0], minute: time[1], second: time[2]))
    }
}

/// Dates as RFC 3339 has them.
enum InternetDate {
    /// Seconds since 1970 of `2026-11-26T15:04:05.25Z`, also with an offset such as `+01:00`; nil for anything else.
    static func seconds(_ text: String) -> Double? {
        let bytes = Array(text.utf8)
        guard bytes.count >= 20, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"),
            [UInt8(ascii: "T"), UInt8(ascii: "t"), UInt8(ascii: " ")].contains(bytes[10]),
            bytes[13] == UInt8(ascii: ":"), bytes[16] == UInt8(ascii: ":")
        else { return nil }
        func number(_ range: Range<Int>) -> Int? {
            guard range.upperBound <= bytes.count, bytes[range].allSatisfy({ 0x30...0x39 ~= $0 }) else { return nil }
            return Int(String(decoding: bytes[range], as: UTF8.self))
        }
        guard let year = number(0..<4), 1970...9999 ~= year, let month = number(5..<7), 1...12 ~= month,
            let day = number(8..<10), 1...31 ~= day, let hour = number(11..<13), 0...23 ~= hour,
            let minute = number(14..<16), 0...59 ~= minute, let second = number(17..<19), 0...60 ~= second
        else { return nil }
        var rest = bytes[19...]
        var fraction = 0.0
        if rest.first == UInt8(ascii: ".") {
            let digits = rest.dropFirst().prefix { 0x30...0x39 ~= $0 }
            guard !digits.isEmpty, let value = Double("0." + String(decoding: digits, as: UTF8.self)) else {
                return nil
            }
            fraction = value
            rest = rest[digits.endIndex...]
        }
        guard let offset = offset(rest) else { return nil }
        let date = CivilDay(year: year, month: month, day: day)
        return Double(date.secondsSince1970(hour: hour, minute: minute, second: second) - offset) + fraction
    }

    private static func offset(_ bytes: ArraySlice<UInt8>) -> Int? {
        let text = String(decoding: bytes, as: UTF8.self)
        if text == "Z" || text == "z" { return 0 }
        let parts = text.dropFirst().split(separator: ":")
        guard let sign = text.first, sign == "+" || sign == "-", parts.count == 2, parts.allSatisfy({ $0.count == 2 }),
            let hours = Int(parts[0]), 0...23 ~= hours, let minutes = Int(parts[1]), 0...59 ~= minutes
        else { return nil }
        return (sign == "-" ? -1 : 1) * (hours * 3600 + minutes * 60)
    }
}
