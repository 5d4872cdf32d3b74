/// Foreign text made fit for a terminal: no control character gets through to it.
enum PlainText {
    static func line(_ text: String) -> String {
        let spaced = text.unicodeScalars.map { $0.properties.isWhitespace ? " " : isControl($0) ? "\u{FFFD}" : $0 }
        return String(String.UnicodeScalarView(spaced))
    }

    /// With its lines and tabs.
    static func block(_ text: String) -> String {
        let kept = text.unicodeScalars.map { $0 == "\n" || $0 == "\t" || !isControl($0) ? $0 : "\u{FFFD}" }
        return String(String.UnicodeScalarView(kept))
    }

    /// At most `limit` characters, the last one a sign that there were more.
    static func shortened(_ text: String, to limit: Int) -> String {
        text.count <= limit ? text : text.prefix(max(0, limit - 1)) + "…"
    }

    /// `2026-11-22T10:00:00.123456Z` as `2026-11-22 10:00:00`.
    static func time(_ iso8601: String?) -> String {
        guard let iso8601, iso8601.count >= 19 else { return "-" }
        return line(iso8601.prefix(10) + " " + iso8601.dropFirst(11).prefix(8))
    }

    /// `75` as `1:15`, `3675` as `1:01:15`.
    static func duration(seconds: Int) -> String {
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let (hours, minutes) = (seconds / 3600, seconds / 60 % 60)
        return hours > 0 ? "\(hours):\(two(minutes)):\(two(seconds % 60))" : "\(minutes):\(two(seconds % 60))"
    }

    /// `0.4 s`, `75 s`, `12 min`, `3.2 h`: two digits are enough to judge by.
    static func age(_ seconds: Double) -> String {
        switch seconds {
        case ..<10: "\(rate(max(0, seconds))) s"
        case ..<120: "\(Int(seconds)) s"
        case ..<7200: "\(Int(seconds / 60)) min"
        default: "\(rate(seconds / 3600)) h"
        }
    }

    /// With one decimal.
    static func rate(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: scalar.value != 0x200D
        default: false
        }
    }
}
