/// A wrong setting or a wrong use of metrics. The description names the setting or the metric, never a secret.
package struct TelemetryError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong.
    package enum Code: String, Sendable, CaseIterable {
        /// `MIXMYAI_LOG_LEVEL` is not a level.
        case invalidLogLevel = "invalid_log_level"
        /// A metric, label or bucket list that Prometheus would not take.
        case invalidMetric = "invalid_metric"
        /// Two metrics of one name differ in kind, labels or buckets.
        case conflictingMetric = "conflicting_metric"
        /// A series was asked for with more or fewer values than the metric has labels.
        case labelCount = "label_count"
        /// A metric has more label sets than it may: the others are counted as `other`.
        case labelOverflow = "label_overflow"
    }

    /// What is wrong.
    package let code: Code
    /// A sentence for logs and operators.
    package let message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { "\(code.rawValue): \(message)" }
}
