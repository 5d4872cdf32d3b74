import Foundation
import Testing

@testable import ProviderTwin

@Suite(.timeLimit(.minutes(1)))
struct RateLimitTests {
    private static let second: UInt64 = 1_000_000_000

    @Test func entriesLeaveAfterExactlyAMinute() {
        var window = SlidingWindow()
        window.admit(at: 5, inputTokens: 10, outputTokens: 1)
        window.advance(to: 5 + SlidingWindow.length - 1)
        #expect(window.current.requests == 1)
        window.advance(to: 5 + SlidingWindow.length)
        #expect(window.current == SlidingWindow.Sums())
    }

    @Test func maximaMatchACountByHand() {
        var window = SlidingWindow()
        var dice = Draws(3)
        var entries: [(time: UInt64, input: Int)] = []
        var now: UInt64 = 0
        var largest = 0
        for _ in 0..<5000 {
            now += UInt64(dice.pick(200)) * 1_000_000
            let input = dice.pick(100)
            window.advance(to: now)
            window.admit(at: now, inputTokens: input, outputTokens: 0)
            entries.append((now, input))
            largest = max(largest, entries.filter { $0.time + SlidingWindow.length > now }.map(\.input).reduce(0, +))
        }
        #expect(window.maxima.inputTokens == largest)
        window.restartMeasuring()
        window.admit(at: now, inputTokens: 4, outputTokens: 2)
        #expect(window.maxima == SlidingWindow.Sums(requests: 1, inputTokens: 4, outputTokens: 2))
        #expect(window.current.requests > 1)
    }

    @Test func requestsAreLimitedExactlyAtTheEdge() async throws {
        let clock = ManualClock()
        let behaviour = try TwinBehaviour(latency: .none, requestsPerMinute: 2, tokensPerMinute: nil, faults: .none)
        try await withTwin(behaviour, clock: clock) { twin in
            let body = Prompts.responses(stage: "task_analysis", prompt: "x")
            let first = try await twin.post("/v1/responses", body)
            #expect(first.headers["x-ratelimit-limit-requests"] == "2")
            #expect(first.headers["x-ratelimit-remaining-requests"] == "1")
            #expect(first.headers["x-ratelimit-reset-requests"] == "1m0s")
            clock.advance(milliseconds: 10_000)
            #expect(try await twin.post("/v1/responses", body).status == 200)
            clock.advance(milliseconds: 49_998)
            let early = try await twin.post("/v1/responses", body)
            #expect(early.status == 429)
            #expect(early.headers["retry-after-ms"] == "2")
            #expect(early.headers["retry-after"] == "1")
            #expect(early.headers["x-ratelimit-remaining-requests"] == "0")
            let error = try #require(early.json["error"] as? [String: Any])
            #expect(error["code"] as? String == "rate_limit_exceeded")
            #expect(error["type"] as? String == "requests")
            var other = twin
            other.key = "another"
            #expect(try await other.post("/v1/responses", body).status == 200)
            clock.advance(nanoseconds: 1_999_999)
            #expect(try await twin.post("/v1/responses", body).status == 429)
            clock.advance(nanoseconds: 1)
            #expect(try await twin.post("/v1/responses", body).status == 200)
            #expect(try await twin.post("/v1/responses", body).status == 429)
        }
    }

    @Test func openAITokensCountTogether() async throws {
        let clock = ManualClock()
        try await withTwin(clock: clock) { twin in
            let body = Prompts.responses(stage: "task_analysis", prompt: Prompts.task)
            let usage = try await twin.post("/v1/responses", body).json["usage"] as? [String: Any]
            let total = try #require(usage?["total_tokens"] as? Int)
            clock.advance(milliseconds: 60_000)
            _ = try await twin.post("/twin/control", ["tpm": 2 * total])
            #expect(try await twin.post("/v1/responses", body).status == 200)
            let last = try await twin.post("/v1/responses", body)
            #expect(last.headers["x-ratelimit-remaining-tokens"] == "0")
            let over = try await twin.post("/v1/responses", body)
            #expect(over.status == 429)
            #expect((over.json["error"] as? [String: Any])?["type"] as? String == "tokens")
            clock.advance(milliseconds: 60_000)
            _ = try await twin.post("/twin/control", ["tpm": total - 1])
            let tooLarge = try await twin.post("/v1/responses", body)
            #expect(tooLarge.status == 429)
            #expect((tooLarge.json["error"] as? [String: Any])?["message"] as? String != nil)
        }
    }

    @Test func anthropicInputAndOutputCountApart() async throws {
        let clock = ManualClock()
        try await withTwin(clock: clock) { twin in
            let body = Prompts.messages(stage: "task_analysis", prompt: Prompts.task)
            let usage = try await twin.post("/v1/messages", body).json["usage"] as? [String: Any]
            let input = try #require(usage?["input_tokens"] as? Int)
            let output = try #require(usage?["output_tokens"] as? Int)
            clock.advance(milliseconds: 60_000)
            _ = try await twin.post("/twin/control", ["tpm": max(input, output)])
            let reply = try await twin.post("/v1/messages", body)
            #expect(reply.status == 200)
            let remaining = reply.headers["anthropic-ratelimit-input-tokens-remaining"]
            #expect(remaining == "\(max(input, output) - input)")
            #expect(reply.headers["anthropic-ratelimit-output-tokens-limit"] == "\(max(input, output))")
            let over = try await twin.post("/v1/messages", body)
            #expect(over.status == 429)
            #expect(over.headers["retry-after"] == "60")
            #expect(over.headers["retry-after-ms"] == nil)
            #expect((over.json["error"] as? [String: Any])?["type"] as? String == "rate_limit_error")
            #expect(over.headers["anthropic-ratelimit-input-tokens-reset"]?.hasSuffix("Z") == true)
        }
    }
}
