/// Every metric of the fleet: the single source of names, units and labels for code, dashboards and alerts.
///
/// The last part of a name is its unit (`_seconds`, `_bytes`, `_usd_total`, `_ratio`: 0 to 1); none: a number of
/// things. Labels come from catalogues and enumerations only; task, step and user ids belong into logs.
///
/// | label | values |
/// |---|---|
/// | `kind` | step kinds |
/// | `agent_type` | agent catalogue |
/// | `provider`, `model`, `limit_class` | model catalogue |
/// | `outcome` of a step | succeeded, failed, dead, cancelled, handed_back, or why it waits |
/// | `outcome` of a call | succeeded, invalid_answer, or the failure's code |
/// | `status` of a task | the task's final status |
/// | `state` of a step | ready, dispatched, running, parked, dead |
/// | `direction` | input, output |
/// | `cache` | none, read, write |
package enum MetricNames {
    // MARK: Every process

    /// Always 1.
    package static let buildInfo = MetricDefinition.gauge(
        "mixmyai_build_info", help: "Always 1; version, source revision and role of the process.",
        labels: ["version", "revision", "role"])
    /// Seconds.
    package static let processCPUSeconds = MetricDefinition.counter(
        "process_cpu_seconds_total", help: "User and system CPU time spent, in seconds.")
    /// Bytes.
    package static let processResidentMemory = MetricDefinition.gauge(
        "process_resident_memory_bytes", help: "Resident memory size, in bytes.")
    /// Bytes.
    package static let processVirtualMemory = MetricDefinition.gauge(
        "process_virtual_memory_bytes", help: "Virtual memory size, in bytes.")
    /// Descriptors.
    package static let processOpenFiles = MetricDefinition.gauge(
        "process_open_fds", help: "Open file descriptors.")
    /// Descriptors.
    package static let processMaximumFiles = MetricDefinition.gauge(
        "process_max_fds", help: "Largest allowed number of open file descriptors.")
    package static let processThreads = MetricDefinition.gauge("process_threads", help: "Threads of the process.")
    /// Seconds since 1970.
    package static let processStartTime = MetricDefinition.gauge(
        "process_start_time_seconds", help: "Start of the process, in seconds since 1970-01-01 UTC.")
    package static let logLinesDropped = MetricDefinition.counter(
        "mixmyai_log_lines_dropped_total", help: "Log lines that standard output did not take.")

    // MARK: Tasks

    package static let tasksFinished = MetricDefinition.counter(
        "mixmyai_tasks_finished_total", help: "Tasks that reached a final status.", labels: ["status"])

    // MARK: Steps

    package static let stepsClaimed = MetricDefinition.counter(
        "mixmyai_steps_claimed_total", help: "Steps claimed by this worker.")
    package static let ticketsForgotten = MetricDefinition.counter(
        "mixmyai_tickets_forgotten_total", help: "Tickets whose step was not claimable any more.")
    /// Attempts.
    package static let stepsSettled = MetricDefinition.counter(
        "mixmyai_steps_settled_total", help: "Attempts at steps that were settled.",
        labels: ["kind", "agent_type", "outcome"])
    /// Attempts.
    package static let settlementsStale = MetricDefinition.counter(
        "mixmyai_settlements_stale_total", help: "Settlements rejected because another attempt had taken over.",
        labels: ["kind", "agent_type"])

    // MARK: Queues

    package static let queueSteps = MetricDefinition.gauge(
        "mixmyai_queue_steps", help: "Unfinished and dead steps per agent type and state, from the rows.",
        labels: ["agent_type", "state"])

    /// Steps. The specification's name.
    package static let taskQueueDepth = MetricDefinition.gauge(
        "task_queue_depth",
        help: "Steps that a worker could take up now, new tasks included; no series while it is not known.",
        labels: ["agent_type"])
    package static let usefulWorkers = MetricDefinition.gauge(
        "mixmyai_useful_workers", help: "Workers that would have work of a type now; no series while it is not known.",
        labels: ["agent_type"])
    package static let wantedWorkers = MetricDefinition.gauge(
        "mixmyai_wanted_workers",
        help: "Workers wanted of a role, within its minimum and maximum; no series while it is not known.",
        labels: ["role"])
    /// Seconds.
    package static let queueOldestAge = MetricDefinition.gauge(
        "mixmyai_queue_oldest_age_seconds",
        help: "How long the oldest step that could run has waited, in seconds; no series while nothing waits.",
        labels: ["agent_type"])

    // MARK: Calls to models

    package static let calls = MetricDefinition.counter(
        "mixmyai_llm_requests_total", help: "Calls to providers that ended, by outcome.",
        labels: ["provider", "model", "outcome"])
    package static let callsInFlight = MetricDefinition.gauge(
        "mixmyai_llm_requests_in_flight", help: "Calls to providers under way.", labels: ["model"])
    /// Seconds.
    package static let callDuration = MetricDefinition.histogram(
        "mixmyai_llm_request_duration_seconds", help: "Duration of calls to providers, in seconds.",
        labels: ["provider", "model"], buckets: .callSeconds)
    /// Tokens. The sum over all series is the number of tokens that providers have reported.
    package static let tokens = MetricDefinition.counter(
        "mixmyai_llm_tokens_total",
        help:
            "Reported tokens by direction; input is split into cache read, cache write and none, nothing counts twice.",
        labels: ["provider", "model", "direction", "cache"])
    /// US dollars.
    package static let cost = MetricDefinition.counter(
        "mixmyai_llm_cost_usd_total",
        help: "Proved cost of calls in US dollars: of reported usage only. The ledger is exact, this is not.",
        labels: ["provider", "model"])
    /// US dollars.
    package static let expectedCost = MetricDefinition.counter(
        "mixmyai_llm_cost_expected_usd_total",
        help: "Proved cost of calls in US dollars, and what is expected of calls whose usage was not told.",
        labels: ["provider", "model"])
    /// Calls.
    package static let usageMismatches = MetricDefinition.counter(
        "mixmyai_usage_mismatch_total", help: "Calls whose reported numbers of tokens disagree by more than two.",
        labels: ["provider", "model"])
    /// Calls.
    package static let unknownTiers = MetricDefinition.counter(
        "mixmyai_unknown_tier_total", help: "Calls that a service tier answered which the catalogue has no factor for.",
        labels: ["provider", "model"])
    package static let invalidAnswers = MetricDefinition.counter(
        "mixmyai_llm_invalid_answers_total", help: "Complete answers that did not satisfy their schema.",
        labels: ["kind", "model"])
    /// Tokens.
    package static let inputCuts = MetricDefinition.counter(
        "mixmyai_input_cut_tokens_total", help: "Tokens of inputs that were left out of prompts for space.",
        labels: ["kind", "section"])
    /// Seconds.
    package static let rateLimitWait = MetricDefinition.histogram(
        "mixmyai_rate_limit_wait_seconds", help: "Time waited for capacity under a provider's limit, in seconds.",
        labels: ["model"], buckets: .callSeconds)
    /// 0 or 1.
    package static let circuitOpen = MetricDefinition.gauge(
        "mixmyai_provider_circuit_open",
        help: "1 while this worker does not call a model, or (model empty) a provider, because it keeps failing.",
        labels: ["provider", "model"])

    // MARK: Workers

    package static let workerSlotsBusy = MetricDefinition.gauge(
        "mixmyai_worker_slots_busy", help: "Steps this worker runs now.")
    package static let workerSlots = MetricDefinition.gauge(
        "mixmyai_worker_slots", help: "Steps this worker may run at once.")

    // MARK: Scheduler

    package static let tasksAdvanced = MetricDefinition.counter(
        "mixmyai_scheduler_tasks_advanced_total", help: "Tasks moved through the workflow.")
    package static let stepsCreated = MetricDefinition.counter(
        "mixmyai_scheduler_steps_created_total", help: "Steps created by the workflow.")
    /// Seconds.
    package static let advanceDuration = MetricDefinition.histogram(
        "mixmyai_scheduler_advance_seconds", help: "Duration of one batch of advances, in seconds.")
    package static let ticketsDispatched = MetricDefinition.counter(
        "mixmyai_tickets_dispatched_total", help: "Tickets that the broker confirmed.")
    package static let ticketsRefused = MetricDefinition.counter(
        "mixmyai_tickets_refused_total", help: "Tickets that the broker did not take; their steps stay ready.")
    /// Seconds.
    package static let dispatchDuration = MetricDefinition.histogram(
        "mixmyai_scheduler_dispatch_seconds", help: "Duration of one batch of dispatches, in seconds.")
    /// Steps or tasks.
    package static let recovered = MetricDefinition.counter(
        "mixmyai_scheduler_recovered_total",
        help: "Lost work found by the sweeper: taken_over, quarantined, reissued (steps), woken_up (tasks).",
        labels: ["reason"])
    package static let deadTickets = MetricDefinition.counter(
        "mixmyai_dead_tickets_total", help: "Tickets that came back through the dead-letter exchange.",
        labels: ["queue"])

    // MARK: Gateway

    package static let httpRequests = MetricDefinition.counter(
        "mixmyai_http_requests_total", help: "HTTP requests answered, by route pattern and status code.",
        labels: ["method", "route", "status"])
    /// Seconds.
    package static let httpDuration = MetricDefinition.histogram(
        "mixmyai_http_request_duration_seconds", help: "Time to answer HTTP requests, in seconds.",
        labels: ["method", "route"])
}
