package import FleetMetrics
import Synchronization

/// The metrics of a process, and their text for Prometheus.
///
/// Registering a metric twice gives the same metric. A wrong definition, or one that contradicts an earlier one, gives
/// a metric that counts but is not shown, and an entry in ``problems``: metrics never stop the work.
package final class MetricsRegistry: Sendable {
    /// What `/metrics` answers as `Content-Type`.
    package static let contentType = "text/plain; version=0.0.4; charset=utf-8"
    /// The value of every label in the series that takes the label sets beyond the limit.
    package static let overflowLabel = "other"

    private let maximumSeries: Int
    /// What swift-metrics does not say of a metric: its help, its buckets, the order of its labels.
    let definitions: [String: MetricDefinition]
    private let found = MetricProblems()
    private let sources = Mutex<[String: any MetricSource]>([:])

    /// - Parameters:
    ///   - maximumSeries: label sets per metric; further ones are counted under ``overflowLabel``.
    ///   - definitions: of what is recorded through swift-metrics.
    package init(maximumSeries: Int = 2000, definitions: [MetricDefinition] = MetricNames.all) {
        self.maximumSeries = maximumSeries
        self.definitions = Dictionary(definitions.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// Wrong uses so far, each once; tests expect none.
    package var problems: [TelemetryError] { found.all }

    package func counter(_ definition: MetricDefinition) -> Counter {
        register(definition, kind: .counter) { Counter($0, limit: maximumSeries, problems: found) }
    }

    /// A counter; the name ends in `_total`.
    package func counter(_ name: String, help: String, labels: [String] = []) -> Counter {
        counter(.counter(name, help: help, labels: labels))
    }

    package func gauge(_ definition: MetricDefinition) -> Gauge {
        register(definition, kind: .gauge) { Gauge($0, limit: maximumSeries, problems: found) }
    }

    package func gauge(_ name: String, help: String, labels: [String] = []) -> Gauge {
        gauge(.gauge(name, help: help, labels: labels))
    }

    package func histogram(_ definition: MetricDefinition) -> Histogram {
        register(definition, kind: .histogram) { Histogram($0, limit: maximumSeries, problems: found) }
    }

    /// A histogram; the default buckets are for seconds.
    package func histogram(
        _ name: String, help: String, labels: [String] = [], buckets: HistogramBuckets = .seconds
    ) -> Histogram {
        histogram(.histogram(name, help: help, labels: labels, buckets: buckets))
    }

    /// A counter or gauge whose values are read whenever the metrics are asked for. `read` must not block; a name that
    /// is already taken is a problem.
    package func collect(_ definition: MetricDefinition, read: @escaping @Sendable () -> [MetricSample]) {
        if definition.kind == .histogram {
            return found.add(
                TelemetryError(.invalidMetric, "\(definition.name): histograms cannot be read from a callback"))
        }
        let metric = CallbackMetric(definition: definition, limit: maximumSeries, problems: found, read: read)
        if let problem = definition.problem { return found.add(TelemetryError(.invalidMetric, problem)) }
        let isNew = sources.withLock { sources in
            guard sources[definition.name] == nil, !Self.isShadowed(definition, by: sources) else { return false }
            sources[definition.name] = metric
            return true
        }
        if !isNew { conflict(definition) }
    }

    /// Sets `mixmyai_build_info` to 1 under these labels.
    package func setBuildInfo(version: String, revision: String, role: String) {
        gauge(MetricNames.buildInfo).replaceAll([[version, revision, role]: 1])
    }

    /// Shows whether what this process needs answers, whenever somebody asks.
    package func showDependencies(_ read: @escaping @Sendable () -> [(name: String, isUp: Bool)]) {
        collect(MetricNames.dependencyUp) { read().map { MetricSample($0.isUp ? 1 : 0, $0.name) } }
    }

    /// All metrics in the text format 0.0.4, sorted by name.
    package func render() -> String {
        // Callbacks run without the lock: they may register metrics or be slow.
        let sources = sources.withLock { Array($0.values) }.sorted { $0.definition.name < $1.definition.name }
        var text = PrometheusText()
        for source in sources {
            text.append(header: source.definition)
            source.write(to: &text)
        }
        return text.text
    }

    /// Takes the series of a handler out of the output.
    func remove(_ series: AnyObject) {
        let sources = sources.withLock { Array($0.values) }
        _ = sources.contains { $0.remove(series) }
    }

    func note(_ problem: TelemetryError) { found.add(problem) }

    private func register<Metric: MetricSource>(
        _ definition: MetricDefinition, kind: MetricDefinition.Kind, make: (MetricDefinition) -> Metric
    ) -> Metric {
        let problem = definition.kind == kind ? definition.problem : "\(definition.name) is no \(kind.rawValue)"
        if let problem {
            found.add(TelemetryError(.invalidMetric, problem))
            return make(definition)
        }
        let registered = sources.withLock { sources -> Metric? in
            if let existing = sources[definition.name] {
                return existing.definition.isCompatible(with: definition) ? existing as? Metric : nil
            }
            if Self.isShadowed(definition, by: sources) { return nil }
            let metric = make(definition)
            sources[definition.name] = metric
            return metric
        }
        if let registered { return registered }
        conflict(definition)
        return make(definition)
    }

    /// Whether the name is, or makes, one of the series names of a histogram.
    private static func isShadowed(_ definition: MetricDefinition, by sources: [String: any MetricSource]) -> Bool {
        let suffixes = ["_bucket", "_sum", "_count"]
        if definition.kind == .histogram, suffixes.contains(where: { sources[definition.name + $0] != nil }) {
            return true
        }
        return suffixes.contains { suffix in
            definition.name.hasSuffix(suffix)
                && sources[String(definition.name.dropLast(suffix.count))]?.definition.kind == .histogram
        }
    }

    private func conflict(_ definition: MetricDefinition) {
        found.add(
            TelemetryError(
                .conflictingMetric, "\(definition.name) (\(definition.kind.rawValue)) is already another metric"))
    }
}
