import Autoscaling
import FleetCore
import Telemetry

/// Shows how many workers are wanted, and by what.
struct ScalingMeter: Sendable {
    private let depth: Gauge
    private let useful: Gauge
    private let wanted: Gauge
    private let oldest: Gauge

    init(registry: MetricsRegistry) {
        depth = registry.gauge(MetricNames.taskQueueDepth)
        useful = registry.gauge(MetricNames.usefulWorkers)
        wanted = registry.gauge(MetricNames.wantedWorkers)
        oldest = registry.gauge(MetricNames.queueOldestAge)
    }

    /// - Parameter figures: nil: not known, which has no series: a 0 would let workers go.
    func show(_ figures: ScalingFigures?) {
        let types = figures?.types ?? []
        depth.replaceAll(series(types) { Double($0.admissible) })
        useful.replaceAll(series(types) { Double($0.usefulWorkers) })
        oldest.replaceAll(series(types) { $0.oldestAge?.inSeconds })
        wanted.replaceAll(
            Dictionary(uniqueKeysWithValues: (figures?.roles ?? [:]).map { ([$0.key.rawValue], Double($0.value)) }))
    }

    private func series(
        _ types: [ScalingFigures.TypeFigures], _ value: (ScalingFigures.TypeFigures) -> Double?
    ) -> [[String]: Double] {
        Dictionary(
            types.compactMap { type in value(type).map { ([type.agentType], $0) } },
            uniquingKeysWith: { first, _ in first })
    }
}
