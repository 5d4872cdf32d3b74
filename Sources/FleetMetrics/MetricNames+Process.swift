extension MetricNames {
    package static let buildInfo = MetricDefinition.gauge(
        "mixmyai_build_info", help: "Always 1; version, source revision and role of the process.",
        labels: ["version", "revision", "role"])
    package static let processCPUSeconds = MetricDefinition.counter(
        "process_cpu_seconds_total", help: "User and system CPU time spent, in seconds.")
    package static let processResidentMemory = MetricDefinition.gauge(
        "process_resident_memory_bytes", help: "Resident memory size, in bytes.")
    package static let processVirtualMemory = MetricDefinition.gauge(
        "process_virtual_memory_bytes", help: "Virtual memory size, in bytes.")
    package static let processOpenFiles = MetricDefinition.gauge(
        "process_open_fds", help: "Open file descriptors.")
    package static let processMaximumFiles = MetricDefinition.gauge(
        "process_max_fds", help: "Largest allowed number of open file descriptors.")
    package static let processThreads = MetricDefinition.gauge("process_threads", help: "Threads of the process.")
    package static let processStartTime = MetricDefinition.gauge(
        "process_start_time_seconds", help: "Start of the process, in seconds since 1970-01-01 UTC.")
    package static let logLinesDropped = MetricDefinition.counter(
        "mixmyai_log_lines_dropped_total", help: "Log lines that standard output did not take.")
    static let spans = MetricDefinition.counter(
        "mixmyai_trace_spans_total",
        help: "Spans by what became of them: exported, dropped for want of room or time, or failed: not taken.",
        labels: ["outcome"])
    static let spanSendFailures = MetricDefinition.counter(
        "mixmyai_trace_send_failures_total", help: "Requests to the collector of traces without success.")
    package static let spansWaiting = MetricDefinition.gauge(
        "mixmyai_trace_spans_waiting", help: "Spans that wait to be sent.")

    static let process = [
        buildInfo, processCPUSeconds, processResidentMemory, processVirtualMemory, processOpenFiles,
        processMaximumFiles, processThreads, processStartTime, logLinesDropped, spans, spanSendFailures, spansWaiting,
    ]
}
