/// Values of a metric's labels, in the order of its definition: up to four, looked up without allocating.
package struct LabelValues: Hashable, Sendable {
    private let first: String
    private let second: String
    private let third: String
    private let fourth: String

    package init(_ first: String = "", _ second: String = "", _ third: String = "", _ fourth: String = "") {
        self.first = first
        self.second = second
        self.third = third
        self.fourth = fourth
    }

    /// As swift-metrics wants them.
    func dimensions(of definition: MetricDefinition) -> [(String, String)] {
        Array(zip(definition.labels, [first, second, third, fourth]))
    }

    static let other = LabelValues("other", "other", "other", "other")
}
