/// How long to wait between two looks at the rows: a large backlog takes longer to count, and is looked at less often.
package enum ReadingPace {
    /// Looking takes at most this part of the time.
    private static let share = 0.2

    /// - Parameters:
    ///   - interval: between the beginnings of two looks, as long as they are quick.
    ///   - took: how long the last look took.
    package static func pause(interval: Duration, took: Duration) -> Duration {
        max(interval - took, took * (1 / share - 1))
    }
}
