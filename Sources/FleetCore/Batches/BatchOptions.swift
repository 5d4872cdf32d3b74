/// What is said of a batch as it is made.
package struct BatchOptions: Sendable, Equatable {
    /// Nil: it has none.
    package var breaker: BatchBreaker?
    package var pilot: BatchPilot?

    package init(breaker: BatchBreaker? = BatchBreaker(), pilot: BatchPilot? = nil) {
        self.breaker = breaker
        self.pilot = pilot
    }
}
