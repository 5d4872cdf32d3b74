/// Name, kind, meaning and labels of a metric.
package struct MetricDefinition: Sendable, Hashable {
    /// The kinds of Prometheus that are used here.
    package enum Kind: String, Sendable, CaseIterable {
        /// Only grows; starts again at 0 with the process.
        case counter
        /// Goes up and down.
        case gauge
        /// Counts observations in buckets.
        case histogram
    }

    /// The full name, unit and `_total` included.
    package let name: String
    /// What it is and its unit, for people.
    package let help: String
    /// Counter, gauge or histogram.
    package let kind: Kind
    /// Label names, in the order in which values are given.
    package let labels: [String]
    /// Upper bounds of a histogram's buckets, ascending, without +Inf; empty for other kinds.
    package let buckets: [Double]

    /// A metric that only grows; its name ends in `_total`.
    package static func counter(_ name: String, help: String, labels: [String] = []) -> Self {
        Self(name: name, help: help, kind: .counter, labels: labels, buckets: [])
    }

    /// A metric that goes up and down.
    package static func gauge(_ name: String, help: String, labels: [String] = []) -> Self {
        Self(name: name, help: help, kind: .gauge, labels: labels, buckets: [])
    }

    /// A distribution.
    package static func histogram(
        _ name: String, help: String, labels: [String] = [], buckets: HistogramBuckets = .seconds
    ) -> Self {
        Self(name: name, help: help, kind: .histogram, labels: labels, buckets: buckets.bounds)
    }

    /// Whether both describe the same series; the help text may differ.
    package func isCompatible(with other: Self) -> Bool {
        name == other.name && kind == other.kind && labels == other.labels && buckets == other.buckets
    }

    /// What Prometheus would not accept, nil if nothing.
    package var problem: String? {
        if !Self.isName(name, allowsColon: true) { return "\"\(name)\" is not a metric name" }
        if kind == .counter, !name.hasSuffix("_total") { return "counter \(name) does not end in _total" }
        for label in labels where !Self.isName(label, allowsColon: false) || label.utf8.starts(with: "__".utf8) {
            return "\(name): \"\(label)\" is not a label name"
        }
        if kind == .histogram, labels.contains("le") { return "\(name): label le is the histogram's own" }
        if Set(labels).count != labels.count { return "\(name) has a label twice" }
        let isAscending = zip(buckets, buckets.dropFirst()).allSatisfy { $0 < $1 }
        if !isAscending || !buckets.allSatisfy(\.isFinite) { return "\(name): buckets are not finite and ascending" }
        return nil
    }

    private static func isName(_ text: String, allowsColon: Bool) -> Bool {
        guard let first = text.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else {
            return false
        }
        return text.utf8.allSatisfy {
            isAlphanumeric($0) || $0 == UInt8(ascii: "_") || (allowsColon && $0 == UInt8(ascii: ":"))
        }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        default: false
        }
    }
}
