/// Decides whether a model, or a whole provider, may be called at all.
///
/// Closed until faults of one kind have come in a row, so many as that kind takes; then open for a while; then one probe at
/// a time until one is answered. What one request may cause by itself (a refusal, a forbidden text) counts only if
/// different steps meet it.
package struct CircuitBreaker: Sendable, Equatable {
    /// Points in time are measured from an arbitrary start by whoever owns the breaker.
    package typealias Instant = Duration

    /// Why a circuit is open; the raw value is shown to operators.
    package enum Reason: String, Sendable, CaseIterable {
        /// Overloaded, failing, silent or unreachable.
        case failing
        /// Every request is refused as invalid: a parameter or a limit that this server does not take.
        case refusesRequests = "refuses_requests"
        /// The credential is not accepted, or not for this model.
        case unauthorized
        /// It does not know the model.
        case modelNotFound = "model_not_found"
        /// Credit or spend limit used up.
        case quotaExhausted = "quota_exhausted"

        /// How long nobody calls. A human has to act on all but the first: half a minute after that calls go on.
        var cooldown: Duration { self == .failing ? .seconds(5) : .seconds(30) }

        /// Faults in a row that open the circuit; of different steps except for ``failing``.
        func threshold(ofProvider: Bool) -> Int {
            switch self {
            case .failing: 10
            case .refusesRequests: 5
            case .unauthorized: ofProvider ? 6 : 3
            case .modelNotFound: 3
            case .quotaExhausted: 1
            }
        }
    }

    /// What a call's end says about a circuit.
    package enum Evidence: Sendable, Equatable {
        /// It works.
        case answered
        case fault(Reason)
        /// It is there, and said nothing of what else may be wrong: other reasons than ``Reason/failing`` stay.
        case heard
        /// Nothing was heard: the call was broken off, or failed on its way.
        case none
    }

    private enum State: Sendable, Equatable {
        case closed
        case open(Reason, since: Instant, until: Instant)
        case probing(Reason, since: Instant, probe: Instant)
    }

    /// Faults since the last answer.
    private struct Run: Sendable, Equatable {
        var events = 0
        var steps: Set<Int> = []
    }

    private let isOfProvider: Bool
    private var state = State.closed
    private var runs: [Reason: Run] = [:]

    /// Begins closed.
    ///
    /// - Parameter isOfProvider: it stands for all models of a provider; a few more faults are needed then.
    package init(isOfProvider: Bool) {
        self.isOfProvider = isOfProvider
    }

    /// Why it is not closed, since when, and when a call may go out next; nil if it is closed.
    package var opening: (reason: Reason, since: Instant, until: Instant)? {
        switch state {
        case .closed: nil
        case .open(let reason, let since, let until): (reason, since, until)
        case .probing(let reason, let since, let probe): (reason, since, probe + reason.cooldown)
        }
    }

    /// When a call may next go out; nil if it may go now. A probe of which nothing was heard is forgotten after the
    /// cooldown.
    package func closedUntil(at now: Instant) -> Instant? {
        guard let until = opening?.until, now < until else { return nil }
        return until
    }

    /// A call goes out now: of an open circuit it is the probe.
    ///
    /// - Precondition: ``closedUntil(at:)`` is nil.
    package mutating func willCall(at now: Instant) {
        guard let opening else { return }
        state = .probing(opening.reason, since: opening.since, probe: now)
    }

    /// Takes note of a call's end.
    ///
    /// - Parameters:
    ///   - step: whose call it was.
    ///   - start: of the call: an answer to one from before the opening says nothing of what is now.
    package mutating func record(_ evidence: Evidence, step: Int, start: Instant, at now: Instant) {
        switch evidence {
        case .answered:
            if let opening, start < opening.since { return }
            state = .closed
            runs = [:]
        case .heard:
            runs[.failing] = nil
            if opening?.reason == .failing {
                record(.answered, step: step, start: start, at: now)
            } else {
                record(.none, step: step, start: start, at: now)
            }
        case .none:
            // Another probe may go out at once.
            if case .probing(let reason, let since, let probe) = state, start >= probe {
                state = .open(reason, since: since, until: now)
            }
        case .fault(let reason): record(reason, step, start, now)
        }
    }

    /// Closed, as if nothing had been.
    package mutating func reset() {
        state = .closed
        runs = [:]
    }

    private mutating func record(_ reason: Reason, _ step: Int, _ start: Instant, _ now: Instant) {
        switch state {
        case .open: return
        case .probing(_, let since, let probe):
            guard start >= probe else { return }
            state = .open(reason, since: since, until: now + reason.cooldown)
        case .closed:
            // It was heard: it neither fails nor is away.
            if reason != .failing { runs[.failing] = nil }
            var run = runs[reason] ?? Run()
            run.events += 1
            run.steps.insert(step)
            runs[reason] = run
            let count = reason == .failing ? run.events : run.steps.count
            guard count >= reason.threshold(ofProvider: isOfProvider) else { return }
            state = .open(reason, since: now, until: now + reason.cooldown)
            runs = [:]
        }
    }
}
