import FleetCore
import FleetMetrics
import FleetStore

/// How much of their limits the calls of the last minute have used, as far as they are booked.
enum LimitUse {
    /// By provider, class and resource; without a limit there is nothing to compare with.
    static func ratios(_ rows: FleetRows, models: [ModelSpec]) -> [LabelValues: Double] {
        var series: [LabelValues: Double] = [:]
        for (place, members) in Dictionary(grouping: models, by: { Place($0.provider, $0.limitClass) }) {
            let names = Set(members.map(\.name))
            let calls = rows.calls.filter { $0.provider == place.provider && names.contains($0.model) }
            let limits = RateLimits.inForce(provider: place.provider, limitClass: place.limitClass) { name in
                rows.limits.first { $0.provider == place.provider && $0.limitClass == name }?.limits
            }
            for (resource, used, limit) in [
                ("requests", calls.reduce(0) { $0 + $1.recent }, limits.requests),
                ("tokens", calls.reduce(0) { $0 + $1.recentTokens }, limits.tokens),
            ] {
                guard let limit, limit > 0 else { continue }
                series[LabelValues(place.provider, place.limitClass, resource)] = Double(used) / Double(limit)
            }
        }
        return series
    }

    private struct Place: Hashable {
        let provider: String
        let limitClass: String

        init(_ provider: String, _ limitClass: String) {
            self.provider = provider
            self.limitClass = limitClass
        }
    }
}
