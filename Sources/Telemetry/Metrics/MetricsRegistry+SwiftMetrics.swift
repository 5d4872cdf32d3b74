package import CoreMetrics
import FleetMetrics

/// What records through swift-metrics is shown under the definition of its name; what nobody has defined, such as a
/// library's own, as Prometheus wants it to be called.
extension MetricsRegistry: MetricsFactory {
    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        let (definition, values) = place(label, dimensions, .counter, suffix: "_total")
        return counter(definition).with(labels: values)
    }

    package func makeFloatingPointCounter(
        label: String, dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        let (definition, values) = place(label, dimensions, .counter, suffix: "_total")
        return counter(definition).with(labels: values)
    }

    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        let (definition, values) = place(label, dimensions, .gauge, suffix: "")
        return gauge(definition).with(labels: values)
    }

    package func makeRecorder(
        label: String, dimensions: [(String, String)], aggregate: Bool
    ) -> any RecorderHandler {
        if aggregate {
            let (definition, values) = place(label, dimensions, .histogram, suffix: "")
            return histogram(definition).with(labels: values)
        }
        let (definition, values) = place(label, dimensions, .gauge, suffix: "")
        return gauge(definition).with(labels: values)
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        let (definition, values) = place(label, dimensions, .histogram, suffix: "_seconds")
        return histogram(definition).with(labels: values)
    }

    package func destroyCounter(_ handler: any CounterHandler) { remove(handler) }
    package func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) { remove(handler) }
    package func destroyMeter(_ handler: any MeterHandler) { remove(handler) }
    package func destroyRecorder(_ handler: any RecorderHandler) { remove(handler) }
    package func destroyTimer(_ handler: any TimerHandler) { remove(handler) }

    /// From now on what this process records through swift-metrics without saying where comes here. Once per process.
    package func receiveAll() { MetricsSystem.bootstrap(self) }

    /// The metric's definition, and the values in the order of its labels.
    private func place(
        _ label: String, _ dimensions: [(String, String)], _ kind: MetricDefinition.Kind, suffix: String
    ) -> (MetricDefinition, [String]) {
        guard let definition = definitions[label] else {
            return (Self.foreign(label, dimensions.map(\.0), kind, suffix), dimensions.map(\.1))
        }
        let given = Dictionary(dimensions, uniquingKeysWith: { first, _ in first })
        if Set(given.keys) != Set(definition.labels) {
            note(
                TelemetryError(.labelCount, "\(label) has the labels \(definition.labels), not \(given.keys.sorted())"))
        }
        return (definition, definition.labels.map { given[$0] ?? "" })
    }

    private static func foreign(
        _ label: String, _ labels: [String], _ kind: MetricDefinition.Kind, _ suffix: String
    ) -> MetricDefinition {
        let name = legal(label)
        let full = name.hasSuffix(suffix) ? name : name + suffix
        let help = "Recorded as \(label)."
        switch kind {
        case .counter: return .counter(full, help: help, labels: labels.map(legal))
        case .gauge: return .gauge(full, help: help, labels: labels.map(legal))
        case .histogram: return .histogram(full, help: help, labels: labels.map(legal))
        }
    }

    /// Dots and whatever else Prometheus does not take become underscores.
    private static func legal(_ name: String) -> String {
        let text = String(name.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
        return text.first?.isNumber ?? true ? "_" + text : text
    }
}

extension Counter.Series: CounterHandler, FloatingPointCounterHandler {
    package func increment(by amount: Int64) { increment(by: Int(amount)) }
    package func increment(by amount: Double) { add(amount) }
    /// Prometheus takes a fall for a new start of the process.
    package func reset() {}
}

extension Gauge.Series: MeterHandler, RecorderHandler {
    package func set(_ value: Int64) { set(Double(value)) }
    package func increment(by amount: Double) { add(amount) }
    package func decrement(by amount: Double) { add(-amount) }
    package func record(_ value: Int64) { set(Double(value)) }
    package func record(_ value: Double) { set(value) }
}

extension Histogram.Series: RecorderHandler, TimerHandler {
    package func record(_ value: Int64) { observe(Double(value)) }
    package func record(_ value: Double) { observe(value) }
    package func recordNanoseconds(_ duration: Int64) { observe(Double(duration) / 1e9) }
}
