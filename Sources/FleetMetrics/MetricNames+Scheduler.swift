extension MetricNames {
    static let tasksAdvanced = MetricDefinition.counter(
        "mixmyai_scheduler_tasks_advanced_total", help: "Tasks moved through the workflow.")
    static let tasksPostponed = MetricDefinition.counter(
        "mixmyai_scheduler_tasks_postponed_total", help: "Tasks that somebody else was at.")
    static let stepsCreated = MetricDefinition.counter(
        "mixmyai_scheduler_steps_created_total", help: "Steps created by the workflow.")
    static let advanceDuration = MetricDefinition.histogram(
        "mixmyai_scheduler_advance_seconds", help: "Duration of one batch of advances, in seconds.")
    static let ticketsDispatched = MetricDefinition.counter(
        "mixmyai_tickets_dispatched_total", help: "Tickets that the broker confirmed.")
    static let ticketsRefused = MetricDefinition.counter(
        "mixmyai_tickets_refused_total", help: "Tickets that the broker did not take; their steps stay ready.")
    static let dispatchDuration = MetricDefinition.histogram(
        "mixmyai_scheduler_dispatch_seconds", help: "Duration of one batch of dispatches, in seconds.")
    static let released = MetricDefinition.counter(
        "mixmyai_scheduler_released_total", help: "Parked steps whose time had come.")
    static let recovered = MetricDefinition.counter(
        "mixmyai_scheduler_recovered_total",
        help: "Lost work found by sweeps: taken_over, dead, reissued, without_type (steps), woken_up (tasks).",
        labels: ["reason"])
    static let sweeps = MetricDefinition.counter(
        "mixmyai_scheduler_sweeps_total", help: "Sweeps that this scheduler carried out.")
    static let sweepDuration = MetricDefinition.histogram(
        "mixmyai_scheduler_sweep_seconds", help: "Duration of sweeps, in seconds.")
    static let failures = MetricDefinition.counter(
        "mixmyai_scheduler_failures_total", help: "Rounds of duties that failed and were tried again.",
        labels: ["duty"])
    static let dutyAge = MetricDefinition.gauge(
        "mixmyai_scheduler_duty_age_seconds",
        help: "How long ago a duty of this scheduler last came round, in seconds.",
        labels: ["duty"])
    package static let wakeUpsWaiting = MetricDefinition.gauge(
        "mixmyai_wakeups_waiting", help: "Wake-ups of tasks that nobody has taken, from the rows.")
    static let eventsAnnounced = MetricDefinition.counter(
        "mixmyai_events_announced_total", help: "Events told to whoever listens at the broker.")
    static let eventsUnannounced = MetricDefinition.counter(
        "mixmyai_events_unannounced_total", help: "Events that were not, because the broker was too slow.")
    static let eventLag = MetricDefinition.histogram(
        "mixmyai_event_lag_seconds", help: "From the commit of events to their announcement, in seconds.")
    package static let rowsUp = MetricDefinition.gauge(
        "mixmyai_rows_up", help: "1: the rows were read when they were looked at last. 0: their series are absent.")
    package static let rowsRead = MetricDefinition.histogram(
        "mixmyai_rows_read_seconds", help: "Duration of looks at the rows, in seconds.")

    static let scheduler = [
        tasksAdvanced, tasksPostponed, stepsCreated, advanceDuration, ticketsDispatched, ticketsRefused,
        dispatchDuration, released, recovered, sweeps, sweepDuration, failures, dutyAge, wakeUpsWaiting,
        eventsAnnounced,
        eventsUnannounced, eventLag, rowsUp, rowsRead,
    ]
}
