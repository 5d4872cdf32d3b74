/// What is said of a batch as it is made.
package struct BatchOptions: Sendable, Equatable {
    /// Nil: it has none.
    package var breaker: BatchBreaker?
    package var pilot: BatchPilot?

    package init(breaker: BatchBreaker? = BatchBreaker(), pilot: BatchPilot? = nil) {
        self.breaker = breaker
        self.pilot = pilot
    }

    /// Whether these say the same of a batch, however far its pilot is.
    package func agrees(with other: BatchOptions) -> Bool {
        var (mine, others) = (pilot, other.pilot)
        mine?.state = .gathering
        others?.state = .gathering
        return breaker == other.breaker && mine == others
    }
}
