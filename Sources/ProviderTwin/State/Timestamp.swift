import FoundationEssentials
import NIOCore

/// Clock readings and their RFC 3339 text; formatting by hand is many times faster than Foundation's.
enum Timestamp {
    /// Nanoseconds on a clock that never goes back; only differences mean something.
    static func monotonicNanoseconds() -> UInt64 { NIODeadline.now().uptimeNanoseconds }

    /// Milliseconds since 1970.
    static func wallMilliseconds() -> Int { Int(Date().timeIntervalSince1970 * 1000) }

    /// `2026-10-26T12:00:00Z`, with milliseconds if wanted.
    static func text(milliseconds: Int, showsMilliseconds: Bool = false) -> String {
        let seconds = milliseconds / 1000
        let (year, month, day) = civilDate(daysSince1970: seconds / 86_400)
        let clock = seconds % 86_400
        var text = "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))T"
        text += "\(padded(clock / 3600, 2)):\(padded(clock / 60 % 60, 2)):\(padded(clock % 60, 2))"
        if showsMilliseconds { text += ".\(padded(milliseconds % 1000, 3))" }
        return text + "Z"
    }

    /// Proleptic Gregorian calendar, counted in 400-year eras that start on 1 March.
    private static func civilDate(daysSince1970: Int) -> (year: Int, month: Int, day: Int) {
        let days = daysSince1970 + 719_468
        let era = days / 146_097
        let dayOfEra = days % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
