/// Defects that the simulation can be told to have, to see that it notices them. Test-only: none of them is a switch
/// of the product, they live in the simulated parts or in wrappers around the real ones.
public enum PlantedBug: String, Sendable, CaseIterable {
    /// Tickets are acknowledged as they arrive, not after the settlement.
    case acknowledgeBeforeCommit = "ack_before_commit"
    /// A settlement is written whatever its attempt number.
    case missingFence = "missing_fence"
    /// Lost tickets are not looked for.
    case ticketsNeverSwept = "tickets_never_swept"
    /// The workflow does not see what a subtask depends on.
    case childBeforeParents = "child_before_parents"
    /// A stream that ends without its closing event counts as a complete answer.
    case endOfStreamIsSuccess = "end_of_stream_is_success"
    /// The limiter looks first and counts later.
    case limiterChecksThenActs = "limiter_check_then_act"
    /// Now and then an event's number is skipped.
    case eventGap = "event_gap"
    /// A call that was cut stands in the ledger as if it had cost nothing.
    case cutCallCostsNothing = "cut_call_costs_nothing"
    /// The scheduler does not notice that the database is away: it goes on from what it has read before, and sweeps as soon
    /// as somebody lets it.
    case outageIsNotNoticed = "outage_not_noticed"
    /// Cancelling a revision ends the task that is revised.
    case cancelTakesAnswer = "cancel_takes_answer"
}
