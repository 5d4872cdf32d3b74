import FleetCore
import FoundationEssentials
import JSON

/// Watches tasks until all of them are finished.
///
/// Asks for what has changed lately, so that the cost follows the changes and not the number of tasks.
struct TaskWaiter {
    private(set) var progress: TaskProgress

    private let api: GatewayAPI
    /// Only the tasks of this batch are looked at; nil: everybody's.
    private let batch: String?
    private var seen: Set<String> = []
    private var newest: Date?
    private var lastChange = ContinuousClock.now

    /// Changes are looked for again this far back: a transaction's time is that of its beginning.
    private static let overlap: TimeInterval = 10
    /// While the gateway is away.
    private static let patience = Duration.seconds(60)
    private static let pageSize = 100
    private static let interval = Duration.milliseconds(500)
    /// After this long without a change some open tasks are asked for by name.
    private static let stillness = Duration.seconds(10)

    init(ids: [String], api: GatewayAPI, batch: String?) {
        progress = TaskProgress(ids: ids)
        self.api = api
        self.batch = batch
    }

    /// - Parameter onChange: called after every look.
    mutating func wait(_ onChange: (TaskProgress) -> Void) async throws {
        onChange(progress)
        while !progress.isFinished {
            try await look()
            onChange(progress)
            if progress.isFinished { return }
            try await Task.sleep(for: Self.interval)
        }
    }

    private mutating func look() async throws {
        var cursor: String?
        var latest = newest
        repeat {
            let page = try await api.get(
                "/api/v1/tasks",
                query: [
                    ("sort", "updated_at"), ("order", "desc"), ("limit", "\(Self.pageSize)"), ("batch", batch),
                    ("cursor", cursor),
                ], patience: Self.patience)
            var oldest: Date?
            for task in page["tasks"]?.array ?? [] {
                take(task)
                oldest = Self.time(task["updated_at"]?.string)
                if let oldest, oldest > latest ?? .distantPast { latest = oldest }
            }
            cursor = page["next_cursor"]?.string
            if isEnough(oldest) { break }
        } while cursor != nil
        newest = latest
        if ContinuousClock.now - lastChange > Self.stillness { try await lookClosely() }
    }

    private mutating func take(_ task: JSONValue) {
        guard let id = task["task_id"]?.string, progress.contains(id) else { return }
        seen.insert(id)
        let before = progress.status(of: id)
        progress.update(task)
        if progress.status(of: id) != before { lastChange = .now }
    }

    /// Whether everything that changed since the last look has been read.
    private func isEnough(_ oldest: Date?) -> Bool {
        guard seen.count == progress.ids.count, let newest, let oldest else { return seen.count == progress.ids.count }
        return oldest < newest.addingTimeInterval(-Self.overlap)
    }

    /// No change may mean that one was missed.
    private mutating func lookClosely() async throws {
        for id in progress.open.prefix(20) {
            take(try await api.get("/api/v1/tasks/\(PercentEncoding.component(id))", patience: Self.patience))
        }
        lastChange = .now
    }

    private static func time(_ text: String?) -> Date? {
        text.flatMap { text in
            let hasFraction = text.contains(".")
            return try? Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: hasFraction))
        }
    }
}
