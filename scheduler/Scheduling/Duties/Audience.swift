/// Whether anybody listens to announcements, as far as the broker was asked.
///
/// Who begins to listen reads the rows after that. So what was written before a question that found nobody need not be
/// announced, and what is written after it waits for the next one.
struct Audience {
    /// How long events wait at most for somebody to be found.
    static let patience: Duration = .milliseconds(100)
    /// How often somebody who listens is looked for again.
    static let attention: Duration = .seconds(1)

    private(set) var isThere = true
    private var nextQuestion: Duration = .zero

    /// Before something is announced; nil: the last answer holds.
    func wait(at now: Duration) -> Duration? {
        if now >= nextQuestion { return .zero }
        return isThere ? nil : nextQuestion - now
    }

    /// - Parameter found: nil: there was no answer.
    mutating func answered(_ found: Bool?, at now: Duration) {
        isThere = found ?? isThere
        nextQuestion = now + (isThere ? Self.attention : Self.patience)
    }
}
