/// Turns what is wanted into moves of a fleet: out at once, in slowly.
///
/// A state machine without a clock: whoever runs it hands in the time, measured from any start.
package struct ScaleGovernor: Sendable, Equatable {
    /// How slowly a fleet goes in.
    package struct Pace: Sendable, Equatable {
        /// Fewer workers have to do for so long before the first one goes.
        package var calm: Duration
        /// Between two steps in.
        package var pause: Duration
        /// A step lets the surplus divided by this go, at least one worker.
        package var divisor: Int
        /// Between two turns from out to in. Also how soon a step out shows that the step in before it was wrong.
        package var turn: Duration
        /// The longest that ``calm`` grows to.
        package var longestCalm: Duration
        /// Over how long the running steps are averaged.
        package var memory: Duration

        package init(
            calm: Duration = .seconds(30), pause: Duration = .seconds(10), divisor: Int = 2,
            turn: Duration = .seconds(300), longestCalm: Duration = .seconds(600), memory: Duration = .seconds(180)
        ) {
            self.calm = calm
            self.pause = pause
            self.divisor = max(1, divisor)
            self.turn = turn
            self.longestCalm = longestCalm
            self.memory = memory
        }
    }

    /// What is to be done now.
    package enum Decision: Sendable, Equatable {
        /// Start workers until there are so many.
        case out(to: Int)
        /// Drain workers until there are so many.
        case drain(to: Int)
        /// Nothing, and why.
        case stay(Reason)
    }

    /// Why nothing is done.
    package enum Reason: Sendable, Equatable {
        /// As many run as are wanted, or as the running steps occupy.
        case enough
        /// Fewer would do, but not for long enough yet.
        case calm(remaining: Duration)
        /// A step in was made a moment ago.
        case pause(remaining: Duration)
        /// The last turn from out to in was not long enough ago.
        case turn(remaining: Duration)
    }

    private enum Direction: Sendable, Equatable {
        case none, out, inward
    }

    /// How far above the present the average may be without saying that the work has ended.
    private static let unevenness = 1.25

    private let pace: Pace
    private var direction = Direction.none
    private var calm: Duration
    private var surplusSince: Duration?
    private var lastStepIn: Duration?
    private var lastTurn: Duration?
    private var average = 0.0
    private var lastLook: Duration?

    /// Nothing has moved yet.
    package init(pace: Pace = Pace()) {
        self.pace = pace
        calm = pace.calm
    }

    /// - Parameters:
    ///   - wanted: within the bounds.
    ///   - current: workers that run or start; those that drain do not count.
    ///   - occupied: as many as the running steps fill, with the fraction: fewer than that are never left, so that a busy
    ///     fleet does not drain.
    ///   - now: never earlier than the last time.
    package mutating func decide(wanted: Int, current: Int, occupied: Double = 0, at now: Duration) -> Decision {
        remember(occupied, at: now)
        if wanted > current {
            regret(at: now)
            (direction, surplusSince) = (.out, nil)
            return .out(to: wanted)
        }
        if let lastStepIn, now - lastStepIn >= pace.turn { calm = pace.calm }
        let target = max(wanted, places(occupied))
        guard target < current else {
            surplusSince = nil
            return .stay(.enough)
        }
        let since = surplusSince ?? now
        surplusSince = since
        if now - since < calm { return .stay(.calm(remaining: calm - (now - since))) }
        if direction != .inward, let lastTurn, now - lastTurn < pace.turn {
            return .stay(.turn(remaining: pace.turn - (now - lastTurn)))
        }
        if let lastStepIn, now - lastStepIn < pace.pause {
            return .stay(.pause(remaining: pace.pause - (now - lastStepIn)))
        }
        if direction != .inward { lastTurn = now }
        (direction, lastStepIn) = (.inward, now)
        return .drain(to: current - max(1, (current - target) / pace.divisor))
    }

    /// Workers that the running steps need. Work comes unevenly: as long as what runs is not far below its average, the
    /// average is what counts, or a lull would cost a worker that is wanted again a minute later.
    private func places(_ occupied: Double) -> Int {
        Int(max(occupied, min(average, Self.unevenness * occupied)).rounded(.up))
    }

    /// An average in which what is longer ago weighs less; nothing weighs as long as nobody looked.
    private mutating func remember(_ occupied: Double, at now: Duration) {
        let passed = min((now - (lastLook ?? now)) / pace.memory, 1)
        average += (occupied - average) * passed
        lastLook = now
    }

    /// A step in that has to be taken back soon was made too early: the next one waits longer. A load that comes and goes
    /// so keeps its workers after a few waves instead of chasing them in and out.
    private mutating func regret(at now: Duration) {
        guard direction == .inward, let lastStepIn, now - lastStepIn < pace.turn else { return }
        calm = min(max(calm * 2, pace.turn), pace.longestCalm)
        // Only a step that holds proves the next one right.
        self.lastStepIn = nil
    }
}
