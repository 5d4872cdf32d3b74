import FleetCore
import JSON
import Testing

@testable import Commands

struct TaskCancelTests {
    @Test func theCommandSaysWhatWasCancelled() {
        let task: JSONValue = ["status": "cancelled", "cancelled": "task"]
        #expect(TaskCancelCommand.text(task, id: "task_1") == "task_1 is cancelled.")
        let revision: JSONValue = ["status": "completed", "cancelled": "revision", "revision_id": "rev_1"]
        #expect(
            TaskCancelCommand.text(revision, id: "task_1")
                == "The revision rev_1 of task_1 is cancelled; the task is completed as before.")
        let retry: JSONValue = ["status": "partial_completion", "cancelled": "retry"]
        #expect(
            TaskCancelCommand.text(retry, id: "task_1")
                == "The retry of task_1 is cancelled; the task is partial_completion as before.")
    }
}
