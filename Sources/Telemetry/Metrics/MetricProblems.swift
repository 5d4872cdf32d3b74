import Synchronization

/// Wrong uses of metrics, each kept once. They must not end a process that does paid work, but must be seen.
final class MetricProblems: Sendable {
    private static let maximumCount = 100

    private let problems = Mutex<[TelemetryError]>([])

    var all: [TelemetryError] { problems.withLock { $0 } }

    func add(_ problem: TelemetryError) {
        problems.withLock { problems in
            if problems.count < Self.maximumCount, !problems.contains(problem) { problems.append(problem) }
        }
    }
}
