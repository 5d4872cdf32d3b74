/// The limiter's answer.
package enum ReservationDecision: Sendable {
    case granted(Reservation)
    /// Ask again after this, with `holdsSlot` as it says: the caller has been through the queue of slots, or not yet.
    case wait(Duration, holdsSlot: Bool)
    /// The slot that was reserved comes only after this: park the step, come back with `holdsSlot`.
    case slot(after: Duration)
}
