/// Growing pauses between attempts; the first attempt after a success is immediate.
struct Backoff {
    private let first: Duration
    private let limit: Duration
    private var failures = 0
    private(set) var nextAttempt = ContinuousClock.now

    init(first: Duration, limit: Duration) {
        self.first = first
        self.limit = limit
    }

    mutating func succeeded() {
        failures = 0
        nextAttempt = .now
    }

    /// Doubles the pause up to the limit, and takes off up to a quarter so that clients do not march in step.
    mutating func failed() {
        let pause = min(limit, first * (1 << min(failures, 16)))
        failures += 1
        nextAttempt = .now.advanced(by: pause * Double.random(in: 0.75...1))
    }
}
