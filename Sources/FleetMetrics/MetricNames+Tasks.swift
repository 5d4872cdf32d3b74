extension MetricNames {
    static let completionTime = MetricDefinition.histogram(
        "task_completion_time_seconds", help: "From a task's submission to its first end, in seconds.",
        labels: ["status", "priority"], buckets: .taskSeconds)
    static let successRate = MetricDefinition.gauge(
        "task_success_rate",
        help: "Share with an answer of the tasks that this scheduler saw ending in the last ten minutes.")
    static let tasksSubmitted = MetricDefinition.counter(
        "mixmyai_tasks_submitted_total", help: "Tasks that were accepted, that is, committed.",
        labels: ["priority", "via"])
    static let taskRequests = MetricDefinition.counter(
        "mixmyai_task_requests_total", help: "Cancellations, revisions and retries that owners asked for.",
        labels: ["action"])
    static let tasksAdmitted = MetricDefinition.counter(
        "mixmyai_tasks_admitted_total", help: "New tasks that were taken up.")
    static let tasksFinished = MetricDefinition.counter(
        "mixmyai_tasks_finished_total", help: "Tasks that reached a final status.", labels: ["status"])
    static let tasksStalled = MetricDefinition.counter(
        "mixmyai_tasks_stalled_total", help: "Advances of tasks that failed although the database works.")
    package static let tasksOpen = MetricDefinition.gauge(
        "mixmyai_tasks_open", help: "Unfinished tasks by state of their workflow, from the rows.", labels: ["state"])
    package static let longestSilence = MetricDefinition.gauge(
        "mixmyai_task_longest_silence_seconds",
        help: "How long nothing has happened to the unfinished task that was longest left alone, in seconds.")

    static let tasks = [
        completionTime, successRate, tasksSubmitted, taskRequests, tasksAdmitted, tasksFinished, tasksStalled,
        tasksOpen,
        longestSilence,
    ]
}
