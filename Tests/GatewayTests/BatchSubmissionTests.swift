import JSON
import Testing

/// What a batch is handed in with, and handing it in again.
@Suite(.timeLimit(.minutes(2)))
struct BatchSubmissionTests {
    private static let headers = ["Content-Type": "application/x-ndjson"]

    /// The same file again under the same name adds what is missing; equal lines are as many tasks as there are lines.
    @Test func theSameFileAgainAddsOnlyWhatIsMissing() async throws {
        try await GatewayServer.run { server in
            func line(_ title: String, _ more: String = "") -> String {
                #"{"title":"\#(title)","description":"01234567890123456789"\#(more)}"#
            }
            func send(_ lines: [String], _ query: String = "?batch=b") async throws -> [JSONValue] {
                try await server.send(
                    "POST", "/api/v1/tasks:batch\(query)", lines.joined(separator: "\n"), headers: Self.headers
                ).lines
            }
            let file = [line("x"), line("x"), line("y"), line("z", #","custom_id":"1""#)]
            let first = try await send(file)
            #expect(first.compactMap { $0["replayed"]?.bool } == [false, false, false, false])
            let again = try await send([line("x")] + file)
            #expect(again.compactMap { $0["replayed"]?.bool } == [true, true, false, true, true])
            #expect(again.last?["summary"]?["replayed"]?.int == 4)
            // In pieces, as the command line sends a long file.
            #expect(try await send([line("x", #","occurrence":3"#)])[0]["replayed"] == true)
            let other = try await send([line("other", #","custom_id":"1""#)])
            #expect(other[0]["error"]?.string == "Conflict" && other[1]["summary"]?["rejected"]?.int == 1)
            #expect(try await server.count("tasks") == 5)
            // Outside of a batch each line is a new task.
            _ = try await send([line("x"), line("x")], "")
            _ = try await send([line("x")], "")
            #expect(try await server.count("tasks") == 8)
            // One task alone: by its name only.
            for (body, status) in [
                (line("x", #","batch":"b""#), 201), (line("n", #","batch":"b","custom_id":"2""#), 201),
                (line("n", #","batch":"b","custom_id":"2""#), 201), (line("m", #","batch":"b","custom_id":"2""#), 409),
            ] {
                #expect(try await server.send("POST", "/api/v1/tasks", body).status == status)
            }
            #expect(try await server.count("tasks") == 10)
        }
    }

    @Test func whatIsSaidOfTheBatchIsChecked() async throws {
        try await GatewayServer.run { server in
            for query in [
                "pilot=3", "batch=b&pilot=0", "batch=b&pilot_cost=1", "batch=b&breaker=often",
                "batch=b&pilot=1&pilot_score=11",
            ] {
                let answer = try await server.send("POST", "/api/v1/tasks:batch?\(query)", "", headers: Self.headers)
                #expect(answer.status == 400, "\(query)")
            }
            let query = "batch=b&pilot=2&pilot_failures=0.5&breaker=25%25%20of%2040"
            for _ in 0..<2 {
                let lines = try await server.send(
                    "POST", "/api/v1/tasks:batch?\(query)", TaskBody.valid, headers: Self.headers
                ).lines
                #expect(lines.last?["summary"]?["accepted"]?.int == 1)
            }
            #expect(try await server.count("tasks WHERE is_held") == 1)
            #expect(
                try await server.count("batches WHERE pilot_size = 2 AND breaker_share = 0.25 AND breaker_minimum = 40")
                    == 1)
            let other = try await server.send(
                "POST", "/api/v1/tasks:batch?batch=b&pilot=5", TaskBody.valid, headers: Self.headers
            ).lines
            #expect(other.first?["error"]?.string == "Conflict")
        }
    }
}
