package import Logging

/// What every log line about a task says, and one about a step besides: the same names everywhere, so that lines of all
/// processes and their trace are found by one id.
package enum TaskLogFields {
    /// - Parameter task: its id.
    package static func of(task: String) -> Logger.Metadata {
        ["task_id": .string(task), "trace_id": .stringConvertible(TaskTrace(task: task).traceID)]
    }

    /// - Parameter attempt: its span is the line's.
    package static func of(task: String, step: Int, attempt: Int) -> Logger.Metadata {
        let trace = TaskTrace(task: task)
        return [
            "task_id": .string(task), "trace_id": .stringConvertible(trace.traceID),
            "span_id": .stringConvertible(trace.attempt(step: step, attempt: attempt)),
            "step_id": .stringConvertible(step), "attempt": .stringConvertible(attempt),
        ]
    }
}
