/// Decides whether a provider may be called at all.
///
/// Closed until `threshold` failures in a row, then open for `cooldown`; then one probe at a time until one
/// succeeds. A used-up quota opens it for `quotaCooldown`: retrying before a human acted only costs time.
public struct CircuitBreaker: Sendable, Equatable {
    private enum State: Sendable, Equatable {
        case closed(failures: Int)
        case open(until: Instant)
        case probing(since: Instant)
    }

    /// Points in time are measured from an arbitrary start by whoever owns the breaker.
    public typealias Instant = Duration

    private let threshold: Int
    private let cooldown: Duration
    private let quotaCooldown: Duration
    private var state = State.closed(failures: 0)

    /// Begins closed.
    public init(
        threshold: Int = 10, cooldown: Duration = .seconds(5), quotaCooldown: Duration = .seconds(300)
    ) {
        self.threshold = threshold
        self.cooldown = cooldown
        self.quotaCooldown = quotaCooldown
    }

    /// Whether a call may go out now. A probe that was let through and never reported is forgotten after the cooldown.
    public mutating func permit(at now: Instant) -> Bool {
        switch state {
        case .closed: return true
        case .open(let until) where now < until: return false
        case .probing(let since) where now - since < cooldown: return false
        case .open, .probing:
            state = .probing(since: now)
            return true
        }
    }

    /// When a call may next go out; nil if it may go now.
    public func closedUntil(at now: Instant) -> Instant? {
        switch state {
        case .open(let until) where now < until: until
        case .probing(let since) where now - since < cooldown: since + cooldown
        default: nil
        }
    }

    /// Closes the circuit and forgets the failures before.
    public mutating func recordSuccess() {
        state = .closed(failures: 0)
    }

    /// Counts a failure of the provider (not of the request).
    public mutating func record(_ failure: ModelFailure.Code, at now: Instant) {
        switch failure {
        case .quotaExhausted, .unauthorized:
            state = .open(until: now + quotaCooldown)
        case .overloaded, .serverError, .unreachable, .timedOut:
            switch state {
            case .closed(let failures) where failures + 1 < threshold: state = .closed(failures: failures + 1)
            case .open: break
            case .closed, .probing: state = .open(until: now + cooldown)
            }
        case .rateLimited, .truncated, .outputLimit, .malformed, .refused, .invalidRequest, .modelNotFound, .cancelled:
            // The provider answered: it is up. A probe that got this far closes the circuit.
            if case .probing = state { state = .closed(failures: 0) }
        }
    }
}
