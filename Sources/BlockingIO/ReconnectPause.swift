/// Pauses between attempts to connect: doubling from 50 ms to a limit, each shortened by up to half at random so that a
/// fleet does not return in step.
package struct ReconnectPause: Sendable {
    private static let first: Duration = .milliseconds(50)

    private let limit: Duration
    private var ceiling: Duration

    package init(limit: Duration = .seconds(1)) {
        self.limit = limit
        ceiling = min(Self.first, limit)
    }

    /// The next pause.
    package mutating func next() -> Duration {
        defer { ceiling = min(ceiling * 2, limit) }
        return ceiling * Double.random(in: 0.5...1)
    }

    /// An attempt has succeeded: the next pause is the first one again.
    package mutating func reset() { ceiling = min(Self.first, limit) }
}
