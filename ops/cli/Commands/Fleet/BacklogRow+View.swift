import FleetCore
import FleetStore
import JSON

extension BacklogRow {
    private var counts: [(String, Int)] {
        [("ready", ready), ("dispatched", dispatched), ("running", running), ("parked", parked), ("dead", dead)]
    }

    var json: JSONValue {
        var object = JSONObject()
        object["agent_type"] = .string(agentType)
        for (name, count) in counts { object[name] = .integer(count) }
        return .object(object)
    }

    static func table(_ rows: [BacklogRow]) -> TextTable {
        let numbers = ["READY", "DISPATCHED", "RUNNING", "PARKED", "DEAD"]
        var table = TextTable([.init("AGENT TYPE")] + numbers.map { .init($0, isNumeric: true) })
        for row in rows { table.add([row.agentType] + row.counts.map { "\($0.1)" }) }
        return table
    }
}
