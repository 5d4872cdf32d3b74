import FleetTracing
import Logging
import OTLPTracing
import Testing
import TraceContext

@Suite struct TaskTraceTests {
    /// Processes of different versions have to come to the same ids: this never changes.
    @Test func idsAreWhatTheyHaveAlwaysBeen() {
        let trace = TaskTrace(task: "task_abcdefghij0123456789")
        #expect(trace.traceID.description == "0e939af9f281e61480ab3f1d1f3eb762")
        #expect(trace.root.description == "ea584c6452ec37b9")
        #expect(trace.attempt(step: 65, attempt: 2).description == "9cefd0ebd79e1513")
        #expect(trace.call(step: 65, attempt: 2, number: 1).description == "8073ba64fd81ba49")
    }

    @Test func noTwoSpansOfATaskHaveOneID() {
        let trace = TaskTrace(task: "task_1")
        var ids: Set<SpanID> = [trace.root]
        var count = 1
        for step in 1...400 {
            for attempt in 1...6 {
                ids.insert(trace.attempt(step: step, attempt: attempt))
                for number in 1...4 { ids.insert(trace.call(step: step, attempt: attempt, number: number)) }
                count += 5
            }
        }
        #expect(ids.count == count)
    }

    @Test func noTwoTasksHaveOneTraceAndSamplersMeetAllOfThemAlike() {
        let traces = (0..<20_000).map { TaskTrace(task: "task_\($0)") }
        #expect(Set(traces.map(\.traceID)).count == traces.count)
        #expect(Set(traces.map(\.root)).count == traces.count)
        for ratio in [0.1, 0.5] {
            let sampler = TraceSampler(ratio: ratio, followsParent: true)
            let share = Double(traces.count { sampler.isSampled($0.traceID, parent: nil) }) / Double(traces.count)
            #expect(abs(share - ratio) < 0.015)
        }
    }

    @Test func logLinesHaveTheIDsOfTheirSpans() {
        let trace = TaskTrace(task: "task_9")
        #expect(
            TaskLogFields.of(task: "task_9").mapValues(\.description) == [
                "task_id": "task_9", "trace_id": trace.traceID.description,
            ])
        #expect(
            TaskLogFields.of(task: "task_9", step: 4, attempt: 3).mapValues(\.description) == [
                "task_id": "task_9", "trace_id": trace.traceID.description, "step_id": "4", "attempt": "3",
                "span_id": trace.attempt(step: 4, attempt: 3).description,
            ])
    }
}
