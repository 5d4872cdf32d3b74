import FleetCore
import FleetTracing
import Synchronization
import Testing
import Tracing

@testable import OTLPTracing

/// Which calls have spans.
extension StepRunnerTests {
    private final class Recorded: Sendable {
        let spans = Mutex<[FinishedSpan]>([])

        var worker: WorkerSpans {
            WorkerSpans(
                OTLPTracer(sampler: TraceSampler(ratio: 1, followsParent: true)) { group in
                    self.spans.withLock { $0 += group }
                })
        }

        /// Of each call in order: the ledger's word for how it ended.
        var outcomes: [String] {
            spans.withLock { $0 }.filter { $0.kind == .client }.map { span in
                guard case .string(let text)? = span.attributes.get("mixmyai.call.outcome") else { return "none" }
                return text
            }
        }
    }

    @Test func eachCallHasASpanAlsoOneThatCouldNotBeSent() async throws {
        let bad = #"{"nothing":1}"#
        let scripts: [([Result<String, ModelFailure>], [String])] = [
            ([.success(Self.good)], ["succeeded"]),
            ([.success(bad), .success(Self.good)], ["invalid_answer", "succeeded"]),
            ([.success(bad), .success(bad)], ["invalid_answer", "invalid_answer"]),
            ([.failure(ModelFailure(.unreachable, message: "gone"))], ["unreachable"]),
            ([.failure(ModelFailure(.timedOut, message: "late"))], ["timed_out"]),
        ]
        for (script, expected) in scripts {
            let recorded = Recorded()
            let settlement = try await run(ScriptedCaller(script), spans: recorded.worker)
            #expect(recorded.outcomes == expected)
            #expect(settlement.calls.map(\.outcome) == expected.filter { $0 != "unreachable" })
            let all = recorded.spans.withLock { $0 }
            #expect(all.count == expected.count + 1)
            #expect(all.allSatisfy { $0.spanID == all[0].spanID || $0.parentID == all[0].spanID })
        }
    }

    @Test func withoutCapacityThereIsAnAttemptAndNoCall() async throws {
        let recorded = Recorded()
        let limiter = ScriptedLimiter([.wait(.seconds(40), holdsTurn: false)])
        _ = try await run(ScriptedCaller([]), limiter: limiter, spans: recorded.worker)
        #expect(recorded.outcomes.isEmpty)
        #expect(recorded.spans.withLock(\.count) == 1)
    }
}
