import FleetCore
import FleetStore
import JSON

/// The same without a terminal: text or JSON, again and again.
struct TopReport {
    private let reader: TopReader
    private let console: Console

    init(_ reader: TopReader, _ console: Console) {
        self.reader = reader
        self.console = console
    }

    /// - Throws: what the first look throws; later ones are told of and tried again.
    func run(once: Bool, interval: Duration) async throws {
        show(try await reader.snapshot())
        while !once {
            try await Task.sleep(for: interval)
            do {
                let snapshot = try await reader.snapshot()
                if console.isText { console.print("") }
                show(snapshot)
            } catch {
                console.note("warning: the database is away: \(error)")
            }
        }
    }

    private func show(_ snapshot: TopSnapshot) {
        console.emit(Self.json(snapshot)) { Self.text(snapshot) }
    }

    static func text(_ snapshot: TopSnapshot) -> String {
        var lines = ["fleet \(snapshot.state.rawValue)  \(TopPanes.headline(snapshot))"]
        for pane in TopModel.Pane.allCases {
            let grid = TopPanes.grid(pane, snapshot)
            guard !grid.rows.isEmpty else { continue }
            var table = TextTable(grid.columns.map { .init($0.title, isNumeric: $0.isNumeric) })
            for row in grid.rows { table.add(row) }
            lines += ["", pane.title, table.rendered(width: nil, style: TextStyle(isColored: false))]
        }
        return lines.joined(separator: "\n")
    }

    static func json(_ snapshot: TopSnapshot) -> JSONValue {
        [
            "fleet": [
                "state": .string(snapshot.state.rawValue), "tasks_open": .integer(snapshot.openTasks),
                "steps_waiting": .integer(snapshot.waiting), "steps_running": .integer(snapshot.running),
                "calls_per_minute": .integer(snapshot.callsPerMinute),
                "usd_per_minute": .string(TopPanes.money(snapshot.spendPerMinute)),
            ],
            "attention": .array(
                snapshot.attention.map {
                    [
                        "state": .string($0.state), "name": .string(PlainText.line($0.name)),
                        "reason": .string(PlainText.line($0.text)),
                        "fingerprint": $0.fingerprint.map { .string($0) } ?? .null,
                    ]
                }),
            "queues": .array(snapshot.queues.map { QueueRow($0, nil).json }),
            "workers": .array(
                snapshot.workers.map {
                    [
                        "name": .string(PlainText.line($0.name)), "state": .string($0.state),
                        "running": .integer($0.running), "slots": .integer($0.slots),
                        "heartbeat_age_seconds": .double($0.heartbeatAge), "agent_types": .strings($0.agentTypes),
                    ]
                }),
            "models": .array(
                snapshot.models.map {
                    [
                        "provider": .string($0.provider), "model": .string($0.model), "calls": .integer($0.calls),
                        "tokens": .integer($0.tokens), "limit_used": $0.use.map { .double($0) } ?? .null,
                        "limit_waiting": .integer($0.waiting),
                        "usd_per_minute": .string(TopPanes.money($0.spendPerMinute)),
                        "circuit": $0.circuit.map { .string($0) } ?? "closed",
                    ]
                }),
        ]
    }
}
