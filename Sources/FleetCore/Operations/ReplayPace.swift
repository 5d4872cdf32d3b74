/// How many letters a replay may begin now.
package struct ReplayPace: Sendable {
    /// In one look: other work of the fleet goes on beside it.
    package static let mostAtOnce = 200

    /// Letters per minute; nil: no limit.
    package var ratePerMinute: Int?
    /// Since the replay was started, or gone on with.
    package var elapsed: Duration
    /// Begun since then.
    package var begun: Int

    package init(ratePerMinute: Int?, elapsed: Duration, begun: Int) {
        self.ratePerMinute = ratePerMinute
        self.elapsed = elapsed
        self.begun = begun
    }

    /// The first goes at once, the others at equal distances: never more than the rate and one in any minute.
    package var room: Int {
        guard let ratePerMinute else { return Self.mostAtOnce }
        let due = Int(elapsed.inSeconds * Double(ratePerMinute) / 60) + 1
        return max(0, min(Self.mostAtOnce, due - begun))
    }
}

/// What a replay with a canary may do.
package enum CanaryVerdict: Sendable, Equatable {
    /// It has not gone out yet.
    case send
    /// It is out.
    case wait
    /// It did well: the others may go.
    case passed
    /// It did not: the replay pauses. The command that shows what became of it.
    case failed(String)

    /// - Parameters:
    ///   - done: letters or tasks of the operation that were done.
    ///   - failed: the command that shows one of those that were not, if any.
    ///   - begun: those that are at work.
    package init(done: Int, failed: String?, begun: Int) {
        if done > 0 {
            self = .passed
        } else if let failed {
            self = .failed(failed)
        } else {
            self = begun > 0 ? .wait : .send
        }
    }
}
