/// What releasing parked steps did.
package struct ParkedReport: Sendable {
    /// Steps made ready.
    package var released: Int
    /// Steps whose reserved turn has come: dispatched, to be published.
    package var tickets: [Ticket]
    /// How long until the next parked step is due; nil if none is parked.
    package var nextDue: Duration?

    package init(released: Int, tickets: [Ticket], nextDue: Duration?) {
        self.released = released
        self.tickets = tickets
        self.nextDue = nextDue
    }
}
