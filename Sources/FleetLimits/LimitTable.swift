import FleetCore
import Synchronization

/// The limits in force: operators' settings over the specification's defaults.
final class LimitTable: Sendable {
    private let settings = Mutex<[String: RateLimits]>([:])

    /// Until the first update the specification's limits hold.
    init() {}

    /// Replaces all settings.
    func update(_ rows: [LimitSetting]) {
        let table = Dictionary(
            rows.map { ("\($0.provider)/\($0.limitClass)", $0.limits) }, uniquingKeysWith: { _, last in last })
        settings.withLock { $0 = table }
    }

    func limits(provider: String, limitClass: String) -> RateLimits {
        settings.withLock { settings in
            RateLimits.inForce(provider: provider, limitClass: limitClass) { settings["\(provider)/\($0)"] }
        }
    }
}
