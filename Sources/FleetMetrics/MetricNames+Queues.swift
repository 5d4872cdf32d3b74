extension MetricNames {
    package static let taskQueueDepth = MetricDefinition.gauge(
        "task_queue_depth",
        help: "Steps that a worker could take up now, new tasks included; no series while it is not known.",
        labels: ["agent_type"])
    static let queueSteps = MetricDefinition.gauge(
        "mixmyai_queue_steps", help: "Unfinished and dead steps per agent type and state, from the rows.",
        labels: ["agent_type", "state"])
    package static let parkedSteps = MetricDefinition.gauge(
        "mixmyai_queue_parked_steps", help: "Parked steps by what they wait for, from the rows.",
        labels: ["agent_type", "reason"])
    package static let queueOldestAge = MetricDefinition.gauge(
        "mixmyai_queue_oldest_age_seconds",
        help: "How long the oldest step that could run has waited, in seconds; no series while nothing waits.",
        labels: ["agent_type"])
    static let queueMessages = MetricDefinition.gauge(
        "mixmyai_queue_messages_ready", help: "Tickets that lie in the broker's queue.", labels: ["agent_type"])
    package static let canaryAge = MetricDefinition.gauge(
        "mixmyai_canary_age_seconds",
        help: "How long ago a worker last took a canary out of the queue, in seconds; no series while none has.",
        labels: ["agent_type"])
    package static let queueSilence = MetricDefinition.gauge(
        "mixmyai_queue_silent_seconds",
        help: "For how long workers with free places have taken no canary, in seconds; 0 while they do.",
        labels: ["agent_type"])
    package static let usefulWorkers = MetricDefinition.gauge(
        "mixmyai_useful_workers", help: "Workers that would have work of a type now; no series while it is not known.",
        labels: ["agent_type"])
    package static let wantedWorkers = MetricDefinition.gauge(
        "mixmyai_wanted_workers",
        help: "Workers wanted of a role, within its minimum and maximum; no series while it is not known.",
        labels: ["role"])
    package static let deadLettersOpen = MetricDefinition.gauge(
        "mixmyai_dead_letters_open", help: "Dead letters that wait for a person, from the rows.",
        labels: ["agent_type"])
    package static let deadLettersOldestAge = MetricDefinition.gauge(
        "mixmyai_dead_letters_oldest_age_seconds", help: "Age of the oldest open dead letter, in seconds.")
    static let deadTickets = MetricDefinition.counter(
        "mixmyai_dead_tickets_total", help: "Tickets that came back through the dead-letter exchange.",
        labels: ["agent_type"])
    package static let holds = MetricDefinition.gauge(
        "mixmyai_holds", help: "Pauses that operators have put on agent types, users and batches.", labels: ["scope"])
    package static let operationsOpen = MetricDefinition.gauge(
        "mixmyai_operations_open", help: "Replays and other long operations that are not over.", labels: ["state"])
    static let replaysBegun = MetricDefinition.counter(
        "mixmyai_replays_begun_total", help: "Tasks that an operation asked to try dead work again.")

    static let queues = [
        taskQueueDepth, queueSteps, parkedSteps, queueOldestAge, queueMessages, canaryAge, queueSilence, usefulWorkers,
        wantedWorkers,
        deadLettersOpen, deadLettersOldestAge, deadTickets, holds, operationsOpen, replaysBegun,
    ]
}
