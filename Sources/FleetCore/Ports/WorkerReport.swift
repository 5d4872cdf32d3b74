/// What a worker says of itself with a heartbeat.
package struct WorkerReport: Sendable {
    /// Steps in hand.
    package var running: Int
    /// It takes no more work.
    package var isDraining: Bool
    /// Circuits that are not closed; nil: as said last.
    package var circuits: [CircuitReport]?
    /// The last reset that it has heard of.
    package var lastReset: Int

    /// By default all is as it was.
    package init(running: Int, isDraining: Bool = false, circuits: [CircuitReport]? = nil, lastReset: Int = 0) {
        self.running = running
        self.isDraining = isDraining
        self.circuits = circuits
        self.lastReset = lastReset
    }
}
