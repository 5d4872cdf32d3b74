extension MetricNames {
    static let stepsClaimed = MetricDefinition.counter(
        "mixmyai_steps_claimed_total", help: "Steps claimed by this worker.")
    static let stepsTakenOver = MetricDefinition.counter(
        "mixmyai_steps_taken_over_total", help: "Claimed steps that were another worker's, which is gone.",
        labels: ["agent_type"])
    static let ticketsReceived = MetricDefinition.counter(
        "mixmyai_tickets_received_total", help: "Tickets that came to this worker, for the first time or again.",
        labels: ["redelivered"])
    static let ticketsForgotten = MetricDefinition.counter(
        "mixmyai_tickets_forgotten_total", help: "Tickets whose step was not claimable any more.")
    static let claimDuration = MetricDefinition.histogram(
        "mixmyai_claim_seconds", help: "Duration of claims that were answered, in seconds.")
    static let claimFailures = MetricDefinition.counter(
        "mixmyai_claim_failures_total", help: "Claims that had no answer.")
    static let scheduleToStart = MetricDefinition.histogram(
        "mixmyai_step_schedule_to_start_seconds",
        help: "From the moment that a step could run to its claim, in seconds.", labels: ["agent_type"],
        buckets: .waitSeconds)
    static let stepRun = MetricDefinition.histogram(
        "mixmyai_step_run_seconds", help: "From an attempt's claim to its committed outcome, in seconds.",
        labels: ["kind"], buckets: .callSeconds)
    static let stepAttempts = MetricDefinition.histogram(
        "mixmyai_step_attempts", help: "Attempts that steps took until they succeeded, failed or died.",
        labels: ["kind"], buckets: .attempts)
    static let stepsSettled = MetricDefinition.counter(
        "mixmyai_steps_settled_total", help: "Attempts at steps that were settled.",
        labels: ["kind", "agent_type", "outcome"])
    static let settlementsStale = MetricDefinition.counter(
        "mixmyai_settlements_stale_total", help: "Settlements rejected because another attempt had taken over.",
        labels: ["kind", "agent_type"])
    static let settleDuration = MetricDefinition.histogram(
        "mixmyai_settle_seconds", help: "From an outcome to its commit, outages included, in seconds.")
    static let settleFailures = MetricDefinition.counter(
        "mixmyai_settle_failures_total", help: "Outcomes that could not be written and were tried again.",
        labels: ["reason"])
    static let settlementsWaiting = MetricDefinition.gauge(
        "mixmyai_settlements_waiting", help: "Outcomes in this worker's hands that are not in the rows yet.")
    static let callsUnbooked = MetricDefinition.counter(
        "mixmyai_calls_unbooked_total", help: "Calls that could not be written to the ledger; the log has them.")

    static let steps = [
        stepsClaimed, stepsTakenOver, ticketsReceived, ticketsForgotten, claimDuration, claimFailures, scheduleToStart,
        stepRun, stepAttempts, stepsSettled, settlementsStale, settleDuration, settleFailures, settlementsWaiting,
        callsUnbooked,
    ]
}
