import FleetCore
import FleetStore
import JSON
import UTC

extension WorkerRow {
    var json: JSONValue {
        [
            "name": .string(name), "state": .string(state), "slots": .integer(slots), "running": .integer(running),
            "agent_types": .strings(agentTypes), "started_at": .string(Timestamp.iso8601(microseconds: startedAt)),
            "heartbeat_age_seconds": .double(heartbeatAge),
        ]
    }

    static func table(_ workers: [WorkerRow]) -> TextTable {
        var table = TextTable([
            .init("WORKER"), .init("STATE", isState: true), .init("RUNNING", isNumeric: true),
            .init("SLOTS", isNumeric: true), .init("HEARTBEAT", isNumeric: true), .init("STARTED (UTC)"),
            .init("AGENT TYPES"),
        ])
        for worker in workers {
            table.add([
                worker.name, worker.state, "\(worker.running)", "\(worker.slots)", "\(Int(worker.heartbeatAge)) s ago",
                PlainText.time(Timestamp.iso8601(microseconds: worker.startedAt)),
                worker.agentTypes.count > 4
                    ? "\(worker.agentTypes.count) types" : worker.agentTypes.joined(separator: ","),
            ])
        }
        return table
    }
}
