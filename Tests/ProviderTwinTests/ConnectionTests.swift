import Testing

@Suite(.timeLimit(.minutes(1)))
struct ConnectionTests {
    /// The client reads to the end of the connection: a server that waits for the other protocol never ends it.
    @Test func askingForAnotherProtocolEndsTheConnectionWithTheAnswer() async throws {
        try await withTwin { twin in
            let fields = ["Connection": "Upgrade, HTTP2-Settings", "Upgrade": "h2c", "HTTP2-Settings": "AAMAAABk"]
            let alive = try await twin.send("GET", "/livez", body: "", headers: fields)
            #expect(alive.status == 200)
            #expect(alive.headers["connection"] == "close")
            let body = try TwinClient.text(Prompts.responses(stage: "task_analysis", prompt: Prompts.task))
            let answer = try await twin.send("POST", "/v1/responses", body: body, headers: fields)
            #expect(answer.status == 200)
            #expect(answer.isComplete)
        }
    }

    @Test func unclearRequestsAreRefused() async throws {
        try await withTwin { twin in
            let both = try await twin.send("POST", "/v1/responses", body: "", headers: ["Transfer-Encoding": "chunked"])
            #expect(both.status == 400)
            let expectation = try await twin.send("GET", "/livez", body: "", headers: ["Expect": "miracles"])
            #expect(expectation.status == 417)
        }
    }
}
