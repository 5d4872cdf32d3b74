import FleetMetrics

/// Builds the Prometheus text format, version 0.0.4.
struct PrometheusText {
    private(set) var text = ""

    mutating func append(header definition: MetricDefinition) {
        text += "# HELP \(definition.name) \(Self.escaped(definition.help, quote: false))\n"
        text += "# TYPE \(definition.name) \(definition.kind.rawValue)\n"
    }

    mutating func append(name: String, labels: [String], values: [String], value: Double) {
        text += name
        if !labels.isEmpty {
            text += "{"
            for (index, (label, value)) in zip(labels, values).enumerated() {
                if index > 0 { text += "," }
                text += "\(label)=\"\(Self.escaped(value, quote: true))\""
            }
            text += "}"
        }
        text += " \(Self.number(value))\n"
    }

    /// Whole numbers without a fraction; what is not finite as Prometheus spells it.
    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        if value.magnitude < 9_007_199_254_740_992, let whole = Int(exactly: value) { return String(whole) }
        return "\(value)"
    }

    /// Backslash and line feed are escaped everywhere, the quote in label values only.
    private static func escaped(_ text: String, quote: Bool) -> String {
        let needsEscape = text.utf8.contains {
            $0 == UInt8(ascii: "\\") || $0 == UInt8(ascii: "\n") || (quote && $0 == UInt8(ascii: "\""))
        }
        guard needsEscape else { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": result += #"\\"#
            case "\n": result += #"\n"#
            case "\"" where quote: result += #"\""#
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
