import FleetCore
import FleetStore
import JSON
import TestServers
import Testing

@testable import Commands

struct TaskProgressTests {
    private func task(_ id: String, _ status: String, _ percent: Int) -> JSONValue {
        ["task_id": .string(id), "status": .string(status), "progress": .integer(percent)]
    }

    @Test func progressCountsByStatusInTheOrderOfATasksLife() {
        var progress = TaskProgress(ids: ["a", "b", "c", "d"])
        progress.update(task("a", "completed", 100))
        progress.update(task("b", "failed", 40))
        progress.update(task("c", "in_progress", 20))
        progress.update(task("stranger", "completed", 100))
        let lines = progress.lines(elapsed: .seconds(65))
        #expect(lines[0].hasSuffix(" 55 %  2/4 finished  1:05"))
        #expect(lines[1] == "pending 1   in progress 1   completed 1   failed 1")
        #expect(progress.open == ["c", "d"])
        #expect(!progress.isFinished)
    }

    @Test func progressIsFinishedWhenEveryTaskIs() {
        var progress = TaskProgress(ids: ["a", "b"])
        progress.update(task("a", "partial_completion", 100))
        progress.update(task("b", "cancelled", 10))
        #expect(progress.isFinished)
        #expect(progress.lines(elapsed: .zero)[0].contains(" 100 % "))
        progress.update(task("b", "revision_pending", 0))
        #expect(!progress.isFinished)
    }

    @Test func theGatewaysLineNumbersBecomeTheFiles() throws {
        let good: JSONValue = ["line": 3, "task_id": "task_1", "status": "pending"]
        let (line, result) = TaskSubmitter.read(good, lines: [1001, 1002, 1003])
        #expect(line == 1003)
        #expect(try result.get()["line"]?.int == 1003)
        let bad: JSONValue = [
            "line": 1, "error": "ValidationError", "message": "Invalid task", "details": ["title": "is required"],
        ]
        let refusal = TaskSubmitter.read(bad, lines: [1001, 1002, 1003]).1
        #expect(throws: TaskSubmitter.Refusal(line: 1001, message: "title: is required")) { try refusal.get() }
    }

    @Test func theSummaryIsTheContracts() {
        let summary = DemoSummary(
            counts: ["completed": 3, "partial_completion": 1, "cancelled": 1], taskCount: 5,
            ledger: BatchLedger(subtasks: 20, calls: 60, cost: Self.cost), wall: .milliseconds(2600),
            coldBuildSeconds: 90)
        #expect(
            summary.json.serialized()
                == #"{"tasks":5,"completed":3,"partial":1,"failed":1,"subtasks":20,"ai_calls":60,"#
                + #""cost_usd":"0.012345","wall_seconds":3,"cold_build_seconds":90}"#)
        #expect(!summary.isComplete)
        #expect(summary.doubts == "cost: 0.012345 USD proved, 0.020000 expected, at most 0.300000")
    }

    private static let cost = CostSums(
        proved: Decimal6(millionths: 12_345), expected: Decimal6(millionths: 20_000),
        atMost: Decimal6(millionths: 300_000))

    @Test func anEventIsOneLine() {
        let event: JSONValue = [
            "type": "agent_activity", "task_id": "task_1", "seq": 4, "timestamp": "2026-11-22T10:00:00Z",
            "agent_id": "manager", "agent_type": "manager", "action": "task_analysis", "description": "two\nlines",
            "subtask_id": nil,
        ]
        #expect(
            TaskEvents.line(event, style: TextStyle(isColored: false))
                == "2026-11-22 10:00:00  agent_activity manager  action=task_analysis description=two lines")
    }
}
