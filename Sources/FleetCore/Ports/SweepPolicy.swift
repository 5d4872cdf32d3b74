/// When work counts as lost.
package struct SweepPolicy: Sendable {
    /// A worker without heartbeat for this long has lost its leases even if no ticket came back.
    package var lease: Duration
    /// A ticket that is neither claimed nor in its queue after this long is issued again.
    package var ticketGrace: Duration
    /// Messages in each queue as the broker says; nil for a type: unknown, its tickets are left alone.
    package var queueDepths: [String: Int]
    /// Workers a step may take down before it is dead.
    package var maximumCrashes: Int
    /// The default, which claims go by as well: the takeover that reaches it is left to the sweep.
    package static let maximumCrashes = 3

    /// Without arguments, no queue's depth is known and no ticket counts as lost.
    package init(
        lease: Duration = .seconds(30), ticketGrace: Duration = .seconds(2), queueDepths: [String: Int] = [:],
        maximumCrashes: Int = maximumCrashes
    ) {
        self.lease = lease
        self.ticketGrace = ticketGrace
        self.queueDepths = queueDepths
        self.maximumCrashes = maximumCrashes
    }
}
