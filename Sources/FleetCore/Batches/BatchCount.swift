/// What a cancellation or a retry of a batch would concern, as it was counted: only that is done when it is confirmed.
package struct BatchCount: Sendable, Equatable {
    package var tasks: Int
    /// Of those of a cancellation, the ones that are at work already. Of a retry, the ones that are partially completed.
    package var ofThem: Int
    /// When they were counted, in microseconds since 1970-01-01 UTC: later ones stay.
    package var asOf: Int

    package init(tasks: Int, ofThem: Int, asOf: Int) {
        self.tasks = tasks
        self.ofThem = ofThem
        self.asOf = asOf
    }
}
