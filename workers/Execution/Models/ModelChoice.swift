import FleetCore
import Synchronization

/// Which model a step asks: its agent's preference, without those whose circuits are open.
final class ModelChoice: Sendable {
    /// Failures at one model before the next one gets its turn.
    static let failuresPerModel = 3
    /// Who waits for a circuit comes back after so long at the latest: it may be closed before its time, by an operator or
    /// by another step's probe.
    private static let longestWait: Duration = .seconds(10)

    private let models: [String: ModelSpec]
    private let circuits = Mutex(Circuits())
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
        return circuits.withLock { circuits in
            var soonest: Duration?
            for model in ordered {
                guard let until = circuits.closedUntil(model, at: now) else {
                    circuits.willCall(model, at: now)
                    return .model(model)
                }
                soonest = min(soonest ?? until, until)
            }
            let wait = max(.milliseconds(100), (soonest ?? now) - now)
            return .allOpen(retryAfter: min(wait, Self.longestWait))
        }
    }

    func recordAnswer(_ model: ModelSpec, step: Int, start: Duration) {
        let now = time.now
        circuits.withLock { $0.recordAnswer(model, step: step, start: start, at: now) }
    }

    func record(_ failure: ModelFailure, _ model: ModelSpec, step: Int, start: Duration) {
        let now = time.now
        circuits.withLock { $0.record(failure, model, step: step, start: start, at: now) }
    }

    /// A model was chosen and not called.
    func abandon(_ model: ModelSpec) {
        let now = time.now
        circuits.withLock { $0.abandon(model, at: now) }
    }

    /// Circuits that are not closed.
    var openings: [Circuits.Opening] { circuits.withLock { $0.openings } }

    func reset(_ reset: CircuitReset) {
        circuits.withLock { $0.reset(provider: reset.provider, model: reset.model) }
    }
}
