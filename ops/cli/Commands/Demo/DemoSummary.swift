import FleetCore
import FleetStore
import JSON

/// The demo's last line.
struct DemoSummary: Sendable {
    let counts: [String: Int]
    let taskCount: Int
    let ledger: BatchLedger
    let wall: Duration
    let coldBuildSeconds: Int

    private var completed: Int { counts["completed", default: 0] }
    private var partial: Int { counts["partial_completion", default: 0] }

    var isComplete: Bool { completed == taskCount }

    /// The cost in words; nil if all of it is proved.
    var doubts: String? {
        guard ledger.cost.atMost != ledger.cost.proved else { return nil }
        return "cost: \(ledger.cost.proved) USD proved, \(ledger.cost.expected) expected, at most \(ledger.cost.atMost)"
    }

    var json: JSONValue {
        [
            "tasks": .integer(taskCount), "completed": .integer(completed), "partial": .integer(partial),
            // A cancelled task has no result either.
            "failed": .integer(taskCount - completed - partial), "subtasks": .integer(ledger.subtasks),
            "ai_calls": .integer(ledger.calls), "cost_usd": .string(ledger.cost.proved.description),
            "wall_seconds": .integer(Int((wall / .seconds(1)).rounded())),
            "cold_build_seconds": .integer(coldBuildSeconds),
        ]
    }
}
