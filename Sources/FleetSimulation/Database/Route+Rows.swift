import FleetCore

extension Route {
    /// As ``call(_:)``, with the failures of the stores' ports.
    func rows<Value: Sendable>(_ effect: @Sendable () -> Value) async throws(StoreFailure) -> Value {
        do {
            return try await call(effect)
        } catch {
            throw StoreFailure(error)
        }
    }
}

extension StoreFailure {
    /// Nobody knows what has become of a call whose reply was lost.
    init(_ error: any Error) {
        let isUntouched = if case SimulatedOutage.refused = error { true } else { false }
        self.init(isUntouched ? .outage : .outcomeUnknown, "\(error)")
    }
}
