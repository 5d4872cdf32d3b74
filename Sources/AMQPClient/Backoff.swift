/// Pauses between attempts: doubling from 50 ms to 1 s, each shortened by up to half at random so that a fleet
/// does not return in step.
struct Backoff {
    private var ceiling = 50

    /// The next pause in milliseconds.
    mutating func next() -> Int {
        defer { ceiling = min(ceiling * 2, 1000) }
        return Int.random(in: ceiling / 2...ceiling)
    }

    mutating func reset() { ceiling = 50 }
}
