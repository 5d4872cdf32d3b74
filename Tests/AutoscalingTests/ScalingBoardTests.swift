import Autoscaling
import FleetCore
import JSON
import Testing

struct ScalingBoardTests {
    private let figures = ScalingFigures(
        [
            TypeBacklog(
                agentType: "manager", role: .manager, waiting: [.high: .init(ready: 60)], dispatched: 4, parked: 3,
                oldestAge: .milliseconds(1500))
        ], policy: ScalingPolicy(), asOf: 1_000_000)

    @Test func whatIsKnownIsServed() {
        var board = ScalingBoard()
        board.post(figures, at: .seconds(100))
        let answer = board.answer(at: .seconds(110))
        #expect(answer.status == 200 && answer.contentType == "application/json")
        #expect(
            answer.body
                == #"{"types":[{"agent_type":"manager","backlog":67,"admissible":64,"useful_workers":10,"#
                + #""oldest_seconds":1.5}],"roles":{"manager":5,"coordinator":2,"analyst":2,"specialist":10},"#
                + #""as_of":"1970-01-01T00:00:01Z"}"# + "\n")
    }

    /// A scaler that reads an error as 0 has scaled workloads to nothing.
    @Test func whatIsNotKnownIsAnErrorNeverANumber() throws {
        var board = ScalingBoard()
        #expect(board.answer(at: .zero).status == 503)
        board.post(figures, at: .seconds(100))
        let answer = board.answer(at: .seconds(110) + .milliseconds(1))
        #expect(answer.status == 503 && answer.contentType == "application/problem+json")
        let problem = try JSONValue(parsing: Array(answer.body.utf8))
        #expect(problem["status"] == 503 && problem["roles"] == nil && problem["types"] == nil)
        #expect(board.current(at: .seconds(111)) == nil)
    }
}
