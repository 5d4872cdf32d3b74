/// What schedulers do for batches.
package protocol BatchKeeper: Sendable {
    /// Numbers the results that have come, pauses batches whose breakers trip, draws the samples of pilots and judges
    /// those that have ended. Of several callers one does each of these.
    func keepBatches() async throws -> BatchKeeping
}

/// What one look at the batches has done.
package struct BatchKeeping: Sendable, Equatable {
    /// Batches whose breakers have tripped.
    package var tripped: [String] = []
    /// Batches whose pilots have begun, and those whose pilots have let the others go, or stopped the batch.
    package var pilotsBegun = 0
    package var pilotsPassed: [String] = []
    package var pilotsStopped: [String] = []

    package init() {}

    /// Work may go out that could not before.
    package var hasReleased: Bool { pilotsBegun > 0 || !pilotsPassed.isEmpty }
}
