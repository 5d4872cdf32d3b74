import FleetMetrics
import Glibc

/// What the kernel says about this process, under the names that Prometheus clients share.
package enum ProcessMetrics {
    /// Adds `process_*` metrics, read from `/proc/self` at each scrape, and the lost log lines.
    package static func register(in registry: MetricsRegistry) {
        let start = startTime()
        add(MetricNames.processCPUSeconds, to: registry) { cpuSeconds() }
        add(MetricNames.processResidentMemory, to: registry) { memory(pagesAt: 1) }
        add(MetricNames.processVirtualMemory, to: registry) { memory(pagesAt: 0) }
        add(MetricNames.processOpenFiles, to: registry) { openFiles() }
        add(MetricNames.processMaximumFiles, to: registry) { maximumFiles() }
        add(MetricNames.processThreads, to: registry) { statFields().flatMap { $0.count > 17 ? Double($0[17]) : nil } }
        add(MetricNames.processStartTime, to: registry) { start }
        add(MetricNames.logLinesDropped, to: registry) { Double(LogSink.standardOutput.droppedLines) }
    }

    private static func add(
        _ definition: MetricDefinition, to registry: MetricsRegistry, read: @escaping @Sendable () -> Double?
    ) {
        registry.collect(definition) { read().map { [MetricSample($0)] } ?? [] }
    }

    /// User and system time of all threads. `clock_gettime` is finer than the ticks of `/proc/self/stat`.
    private static func cpuSeconds() -> Double? {
        var time = timespec()
        guard clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) == 0 else { return nil }
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// A column of `/proc/self/statm` in bytes: 0 virtual size, 1 resident size.
    private static func memory(pagesAt column: Int) -> Double? {
        let columns = (read("/proc/self/statm") ?? "").split(separator: " ")
        guard columns.count > column, let pages = Double(columns[column]) else { return nil }
        return pages * Double(sysconf(Int32(_SC_PAGESIZE)))
    }

    private static func openFiles() -> Double? {
        guard let directory = opendir("/proc/self/fd") else { return nil }
        defer { closedir(directory) }
        var count = 0
        while readdir(directory) != nil { count += 1 }
        // Not ".", "..", and the descriptor that reads the directory.
        return Double(max(0, count - 3))
    }

    private static func maximumFiles() -> Double? {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return nil }
        return Double(limit.rlim_cur)
    }

    /// Seconds since 1970: boot time plus the ticks after boot at which the process started.
    private static func startTime() -> Double? {
        guard let fields = statFields(), fields.count > 19, let ticks = Double(fields[19]),
            let bootLine = read("/proc/stat")?.split(separator: "\n").first(where: { $0.hasPrefix("btime ") }),
            let boot = Double(bootLine.dropFirst(6))
        else { return nil }
        return boot + ticks / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    /// `/proc/self/stat` from the third field on: the second is the program's name, which may hold anything.
    private static func statFields() -> [Substring]? {
        guard let text = read("/proc/self/stat"), let end = text.lastIndex(of: ")") else { return nil }
        return text[text.index(after: end)...].split(separator: " ")
    }

    private static func read(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count > 0 {
                bytes.append(contentsOf: chunk[..<count])
            } else if count == 0 {
                return String(decoding: bytes, as: UTF8.self)
            } else if errno != EINTR {
                return nil
            }
        }
    }
}
