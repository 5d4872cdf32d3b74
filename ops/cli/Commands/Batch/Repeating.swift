/// Shows something once, or every second until interrupted.
struct Repeating {
    let isWatching: Bool

    /// - Parameter show: is given what a screen has to begin with.
    func run(_ show: (String) async throws -> Void) async throws {
        let clear = isWatching && StandardStream.output.isTerminal ? "\u{1B}[H\u{1B}[J" : ""
        repeat {
            let start = ContinuousClock.now
            try await show(clear)
            if isWatching { try await Task.sleep(until: start + .seconds(1), clock: .continuous) }
        } while isWatching
    }
}
