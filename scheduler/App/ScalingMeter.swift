import Autoscaling
import CoreMetrics
import FleetCore
import FleetMetrics

/// Shows how many workers are wanted, and by what.
struct ScalingMeter: Sendable {
    private let depth: GaugeFamily
    private let useful: GaugeFamily
    private let wanted: GaugeFamily
    private let oldest: GaugeFamily

    init(_ metrics: any MetricsFactory) {
        depth = GaugeFamily(MetricNames.taskQueueDepth, metrics)
        useful = GaugeFamily(MetricNames.usefulWorkers, metrics)
        wanted = GaugeFamily(MetricNames.wantedWorkers, metrics)
        oldest = GaugeFamily(MetricNames.queueOldestAge, metrics)
    }

    /// - Parameter figures: nil: not known, which has no series: a 0 would let workers go.
    func show(_ figures: ScalingFigures?) {
        let types = figures?.types ?? []
        depth.replaceAll(series(types) { Double($0.admissible) })
        useful.replaceAll(series(types) { Double($0.usefulWorkers) })
        oldest.replaceAll(series(types) { $0.oldestAge?.inSeconds })
        wanted.replaceAll(
            Dictionary(
                uniqueKeysWithValues: (figures?.roles ?? [:]).map { (LabelValues($0.key.rawValue), Double($0.value)) }))
    }

    private func series(
        _ types: [ScalingFigures.TypeFigures], _ value: (ScalingFigures.TypeFigures) -> Double?
    ) -> [LabelValues: Double] {
        Dictionary(
            types.compactMap { type in value(type).map { (LabelValues(type.agentType), $0) } },
            uniquingKeysWith: { first, _ in first })
    }
}
