/// What a heartbeat brought back.
package struct Heartbeat: Sendable {
    /// The rows know this incarnation; if not, the database has lost its data and the worker has to start over.
    package var isKnown: Bool
    /// The database's time in microseconds since 1970.
    package var databaseTime: Int
    /// Attempts of this worker whose task was cancelled.
    package var cancelledSteps: [Int]
    /// Operators' limits by provider and class; class `*` is for all others.
    package var limits: [LimitSetting]
    /// Since the last one that the worker has heard of, in order.
    package var resets: [CircuitReset]
    /// If the report told of what was heard.
    package var canaries: [CanaryNews]

    package init(
        isKnown: Bool = true, databaseTime: Int = 0, cancelledSteps: [Int], limits: [LimitSetting],
        resets: [CircuitReset] = [], canaries: [CanaryNews] = []
    ) {
        self.canaries = canaries
        self.resets = resets
        self.isKnown = isKnown
        self.databaseTime = databaseTime
        self.cancelledSteps = cancelledSteps
        self.limits = limits
    }
}
