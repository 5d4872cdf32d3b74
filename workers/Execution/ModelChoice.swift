import FleetCore
import Synchronization

/// Which model a step asks: its agent's preference, without those whose provider is known to be down.
final class ModelChoice: Sendable {
    /// Failures at one model before the next one gets its turn.
    static let failuresPerModel = 3

    private let models: [String: ModelSpec]
    private let breakers = Mutex<[String: CircuitBreaker]>([:])
    private let time: any Timekeeper

    init(models: [ModelSpec], time: any Timekeeper) {
        self.models = Dictionary(models.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        self.time = time
    }

    enum Choice {
        case model(ModelSpec)
        /// Every model's circuit is open: come back then.
        case allOpen(retryAfter: Duration)
        case none
    }

    /// The model to ask.
    ///
    /// - Parameters:
    ///   - preferences: names, best first.
    ///   - failures: of the step so far; the preference moves on after ``failuresPerModel``.
    ///   - excluded: models that this attempt has asked already.
    func choose(_ preferences: [String], failures: Int, excluding excluded: Set<String>) -> Choice {
        let known = preferences.compactMap { models[$0] }
        guard !known.isEmpty else { return .none }
        let turn = (failures / Self.failuresPerModel) % known.count
        let ordered = (known[turn...] + known[..<turn]).filter { !excluded.contains($0.name) }
        guard !ordered.isEmpty else { return .none }
        let now = time.now
        return breakers.withLock { breakers in
            var soonest: Duration?
            for model in ordered {
                if breakers[model.provider, default: CircuitBreaker()].permit(at: now) { return .model(model) }
                let until = breakers[model.provider]?.closedUntil(at: now) ?? now
                soonest = min(soonest ?? until, until)
            }
            return .allOpen(retryAfter: max(.milliseconds(100), (soonest ?? now) - now))
        }
    }

    func recordSuccess(_ model: ModelSpec) {
        breakers.withLock { $0[model.provider]?.recordSuccess() }
    }

    func record(_ failure: ModelFailure, _ model: ModelSpec) {
        let now = time.now
        breakers.withLock { $0[model.provider, default: CircuitBreaker()].record(failure.code, at: now) }
    }
}
