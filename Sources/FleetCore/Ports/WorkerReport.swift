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
    /// By agent type, what its queue was heard of; nil: as said last, and no news of canaries is wanted.
    package var hearing: [String: QueueHearing]?

    /// By default all is as it was.
    package init(
        running: Int, isDraining: Bool = false, circuits: [CircuitReport]? = nil, lastReset: Int = 0,
        hearing: [String: QueueHearing]? = nil
    ) {
        self.running = running
        self.isDraining = isDraining
        self.circuits = circuits
        self.lastReset = lastReset
        self.hearing = hearing
    }
}
