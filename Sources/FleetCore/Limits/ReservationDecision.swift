/// The limiter's answer.
package enum ReservationDecision: Sendable {
    case granted(Reservation)
    /// Ask again after this, with `holdsTurn` as it says: the caller has been through the queue of turns, or not yet.
    case wait(Duration, holdsTurn: Bool, for: LimitWait.Cause = .rate)
    /// The turn that was reserved comes only after this: park the step, come back with `holdsTurn`.
    case turn(after: Duration)
}
