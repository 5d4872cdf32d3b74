extension MetricNames {
    static let utilization = MetricDefinition.gauge(
        "agent_utilization", help: "Share of this worker's slots that steps of an agent type take.",
        labels: ["agent_type"])
    static let workerSlotsBusy = MetricDefinition.gauge(
        "mixmyai_worker_slots_busy", help: "Steps this worker runs now.")
    static let workerSlots = MetricDefinition.gauge(
        "mixmyai_worker_slots", help: "Steps this worker may run at once.")
    static let workerDraining = MetricDefinition.gauge(
        "mixmyai_worker_draining", help: "1 while this worker takes nothing new.")
    static let heartbeats = MetricDefinition.counter(
        "mixmyai_heartbeats_total", help: "Heartbeats that renewed this worker's lease, and those that failed.",
        labels: ["outcome"])
    package static let workersAlive = MetricDefinition.gauge(
        "mixmyai_workers", help: "Workers that live, by state.", labels: ["state"])
    package static let workersSlots = MetricDefinition.gauge(
        "mixmyai_workers_slots", help: "Places of the active workers.", labels: ["state"])

    static let workers = [
        utilization, workerSlotsBusy, workerSlots, workerDraining, heartbeats, workersAlive, workersSlots,
    ]
}
