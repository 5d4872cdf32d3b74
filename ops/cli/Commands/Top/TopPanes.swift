import FleetCore
import FleetStore

/// What each pane shows of a snapshot.
enum TopPanes {
    static func grid(_ pane: TopModel.Pane, _ snapshot: TopSnapshot) -> TopGrid {
        switch pane {
        case .attention: attention(snapshot)
        case .queues: queues(snapshot)
        case .workers: workers(snapshot)
        case .models: models(snapshot)
        }
    }

    /// One line about the whole fleet.
    static func headline(_ snapshot: TopSnapshot) -> String {
        "\(snapshot.openTasks) tasks open  \(snapshot.waiting) steps waiting  \(snapshot.running) running  "
            + "\(snapshot.callsPerMinute) calls/min  $\(money(snapshot.spendPerMinute))/min"
    }

    private static func attention(_ snapshot: TopSnapshot) -> TopGrid {
        TopGrid(
            columns: [.init("STATE", isState: true), .init("WHAT"), .init("WHY")],
            rows: snapshot.attention.map { [$0.state, $0.name, $0.text] })
    }

    private static func queues(_ snapshot: TopSnapshot) -> TopGrid {
        let health = Dictionary(
            snapshot.health.parts.filter { $0.kind == .queue }.map { ($0.name ?? "", $0.state.rawValue) },
            uniquingKeysWith: { first, _ in first })
        return TopGrid(
            columns: [
                .init("AGENT TYPE"), .init("WAITING", isNumeric: true), .init("RUNNING", isNumeric: true),
                .init("PARKED", isNumeric: true), .init("OLDEST", isNumeric: true), .init("DEAD", isNumeric: true),
                .init("HEALTH", isState: true), .init("PAUSED"),
            ],
            rows: snapshot.queues.map { queue in
                [
                    queue.agentType, "\(queue.ready + queue.dispatched)", "\(queue.running)", "\(queue.parkedTotal)",
                    queue.oldestAge.map(PlainText.age) ?? "-", "\(queue.dead)", health[queue.agentType] ?? "-",
                    queue.pause.map { "\($0.reason) (\($0.actor))" } ?? "",
                ]
            })
    }

    private static func workers(_ snapshot: TopSnapshot) -> TopGrid {
        TopGrid(
            columns: [
                .init("WORKER"), .init("STATE", isState: true), .init("RUNNING", isNumeric: true),
                .init("SLOTS", isNumeric: true), .init("BUSY", isNumeric: true), .init("HEARTBEAT", isNumeric: true),
                .init("AGENT TYPES"),
            ],
            rows: snapshot.workers.map { worker in
                [
                    worker.name, worker.state, "\(worker.running)", "\(worker.slots)",
                    percent(Double(worker.running) / Double(max(1, worker.slots))), PlainText.age(worker.heartbeatAge),
                    worker.agentTypes.joined(separator: ","),
                ]
            })
    }

    private static func models(_ snapshot: TopSnapshot) -> TopGrid {
        TopGrid(
            columns: [
                .init("MODEL"), .init("CALLS/MIN", isNumeric: true), .init("TOKENS/MIN", isNumeric: true),
                .init("LIMIT USED", isNumeric: true), .init("WAITING", isNumeric: true),
                .init("$/MIN", isNumeric: true), .init("CIRCUIT"),
            ],
            rows: snapshot.models.map { model in
                [
                    "\(model.provider)/\(model.model)", "\(model.calls)", "\(model.tokens)",
                    model.use.map(percent) ?? "-", "\(model.waiting)", money(model.spendPerMinute),
                    model.circuit.map { "\($0) workers" } ?? "closed",
                ]
            })
    }

    private static func percent(_ ratio: Double) -> String { "\(Int((ratio * 100).rounded())) %" }

    /// Four decimals: a minute of small models costs less than a cent.
    static func money(_ dollars: Double) -> String {
        let units = Int((dollars * 10_000).rounded())
        let digits = String(units % 10_000 + 10_000).dropFirst()
        return "\(units / 10_000).\(digits)"
    }
}
