/// Defects that the simulation can be told to have, to see that it notices them. Test-only: none of them is a switch
/// of the product, they live in the simulated parts or in wrappers around the real ones.
package enum PlantedBug: String, Sendable, CaseIterable {
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
    /// Now and then a good answer is put aside, and the step runs once more.
    case answerIsAskedForAgain = "answer_asked_again"
    /// Now and then a step is made twice.
    case stepIsMadeTwice = "step_made_twice"
    /// A worker that was late once is taken for dead a while after it is back.
    case latenessIsNotForgiven = "lateness_not_forgiven"
    /// Attempts that failed are not counted: a step that cannot succeed is tried for ever.
    case failuresAreNotCounted = "failures_not_counted"
    /// A provider whose credit is used up is treated as one that is out of order: steps use up their attempts there.
    case quotaCostsAttempts = "quota_costs_attempts"
    /// Whoever answers, the price is that of the first model.
    case firstModelSetsThePrice = "first_model_sets_price"
    /// What providers say of their limits is not listened to.
    case reportedLimitsAreIgnored = "reported_limits_ignored"
    /// The limit of calls in flight does not reach the workers.
    case concurrencyIsForgotten = "concurrency_forgotten"
    /// A worker calls although its rows go on to say that it waits.
    case waitIsNotTakenBack = "wait_not_taken_back"
    /// Parked steps come back long after their time.
    case parkedStepsSleepLong = "parked_steps_sleep_long"
}
