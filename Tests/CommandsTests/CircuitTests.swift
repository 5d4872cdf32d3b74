import FleetCore
import FleetStore
import JSON
import Testing

@testable import Commands

@Suite(.timeLimit(.minutes(1))) struct CircuitTests {
    private func report(_ model: String?, at time: Int = 1_000_000) -> CircuitReport {
        CircuitReport(
            provider: "openai", model: model, reason: .unauthorized, error: "HTTP 401", openedAt: time,
            probesAt: time + 1)
    }

    @Test func circuitsOfAllWorkersAreShownOnce() {
        let rows = CircuitRow.merged([
            [report("b"), report(nil, at: 9_000_000)], [], [report("b", at: 500_000)],
        ])
        #expect(
            rows.map { "\($0.circuit.model ?? "all") \($0.workers)/\($0.allWorkers) \($0.circuit.openedAt)" }
                == ["all 1/3 9000000", "b 2/3 500000"])
        #expect(
            rows[1].json.serialized()
                == #"{"provider":"openai","model":"b","reason":"unauthorized","workers":2,"all_workers":3,"#
                + #""opened_at":"1970-01-01T00:00:00.500000Z","next_probe_at":"1970-01-01T00:00:00.500001Z","error":"HTTP 401"}"#
        )
    }
}
