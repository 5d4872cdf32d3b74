import FleetCore
import JSON
import Testing

@testable import Providers

/// What counts as proof of what a call has used.
@Suite struct UsageReadingTests {
    private func chat(_ json: String) throws -> UsageReading { UsageReading(chat: try JSONValue(parsing: json)) }

    private func responses(_ json: String) throws -> UsageReading {
        UsageReading(responses: try JSONValue(parsing: json))
    }

    @Test func cachedTokensAreTakenOutOfTheInput() throws {
        let reading = try responses(
            #"{"input_tokens":50,"input_tokens_details":{"cached_tokens":20,"cache_write_tokens":5},"output_tokens":7,"#
                + #""output_tokens_details":{"reasoning_tokens":3},"total_tokens":57}"#)
        #expect(
            reading.tokens
                == TokenUsage(
                    uncachedInputTokens: 25, cacheReadTokens: 20, cacheWriteTokens: 5, outputTokens: 7,
                    reasoningTokens: 3))
        #expect(!reading.isContradictory)
    }

    /// Some compatible servers count reasoning beside the completion, others inside it, and say so in the total only.
    @Test(arguments: [
        ("150", 130, true), ("22", 12, false), ("24", 14, false), ("25", 15, true), ("20", 12, false), ("10", 12, true),
        ("null", 12, false), ("-4", 12, true), ("999999999999", 12, true),
    ])
    func chatOutputIsTheLargerOfCompletionAndTheRestOfTheTotal(total: String, output: Int, mismatch: Bool) throws {
        // 150 - 10 would be 140: the prompt has 20.
        let prompt = total == "150" ? 20 : 10
        let reading = try chat(#"{"prompt_tokens":\#(prompt),"completion_tokens":12,"total_tokens":\#(total)}"#)
        #expect(reading.tokens == TokenUsage(uncachedInputTokens: prompt, outputTokens: output))
        #expect(reading.isContradictory == mismatch)
    }

    @Test func reasoningOutsideOfTheCompletionIsPaid() throws {
        let reading = try chat(
            #"{"prompt_tokens":10,"completion_tokens":12,"total_tokens":322,"#
                + #""completion_tokens_details":{"reasoning_tokens":300}}"#)
        #expect(reading.tokens?.outputTokens == 312)
        #expect(reading.tokens?.reasoningTokens == 300)
    }

    /// Without a total only the parts can tell that reasoning was counted beside the completion.
    @Test func reasoningBeyondTheCompletionIsOutput() throws {
        let reading = try chat(
            #"{"prompt_tokens":10,"completion_tokens":12,"completion_tokens_details":{"reasoning_tokens":300}}"#)
        #expect(reading.tokens == TokenUsage(uncachedInputTokens: 10, outputTokens: 300, reasoningTokens: 300))
        #expect(reading.isContradictory)
    }

    @Test(arguments: [
        (#"{"prompt_tokens":"10","completion_tokens":"12","total_tokens":"322"}"#, 312),
        (#"{"prompt_tokens":10.0,"completion_tokens":"12.0"}"#, 12), (#"{"input_tokens":10,"output_tokens":12}"#, 12),
        (#"{"prompt_tokens":null,"input_tokens":10,"completion_tokens":"","output_tokens":12}"#, 12),
        (#"{"prompt_tokens":10,"total_tokens":22}"#, 12),
        (#"{"prompt_tokens":10,"completion_tokens":null,"total_tokens":22}"#, 12),
    ])
    func otherShapesOfTheSameCountAreRead(json: String, output: Int) throws {
        #expect(try chat(json).tokens == TokenUsage(uncachedInputTokens: 10, outputTokens: output))
    }

    /// Nothing in, nothing out: a server that did not count.
    @Test(arguments: [
        #"{"prompt_tokens":0,"completion_tokens":0,"total_tokens":0}"#, #"{"prompt_tokens":0,"completion_tokens":5}"#,
        #"{"prompt_tokens":"0","completion_tokens":5}"#, #"{"prompt_tokens":10,"total_tokens":10}"#,
    ])
    func zerosAreNoCount(json: String) throws {
        #expect(try chat(json).tokens == nil)
    }

    @Test(
        arguments: [
            (#""usage":{"prompt_tokens":5,"completion_tokens":0}"#, nil),
            (#""usage":{"prompt_tokens":5,"completion_tokens":NaN}"#, nil), (#""usage":null"#, nil),
            (#""usage":{}"#, nil),
            (#""x_groq":{"usage":{"prompt_tokens":5,"completion_tokens":6}}"#, 6),
            (#""usage":{"prompt_tokens":5,"completion_tokens":6}"#, 6),
        ] as [(String, Int?)])
    func anAnswerWithoutACountHasNone(member: String, output: Int?) throws {
        let text =
            #"data: {"choices":[{"delta":{"content":"x"},"finish_reason":"stop"}]}"#
            + "\n\ndata: {\"choices\":[],\(member)}\n\ndata: [DONE]\n\n"
        var reading = StreamReading(ChatStream())
        let reply = try #require(try reading.feed(Array(text.utf8)))
        #expect(reply.usage.finalTokens?.outputTokens == output)
    }

    @Test func aLaterEmptyCountDoesNotUndoOne() throws {
        let text =
            #"data: {"choices":[{"delta":{"content":"x"},"finish_reason":"stop","usage":{"prompt_tokens":5,"completion_tokens":6}}]}"#
            + "\n\ndata: {\"choices\":[],\"usage\":{\"prompt_tokens\":0,\"completion_tokens\":0}}\n\ndata: [DONE]\n\n"
        var reading = StreamReading(ChatStream())
        #expect(try reading.feed(Array(text.utf8))?.usage.finalTokens?.totalTokens == 11)
    }

    /// Not told is not 0.
    @Test(arguments: [
        "{}", #"{"prompt_tokens":10}"#, #"{"completion_tokens":10}"#, #"{"prompt_tokens":null,"completion_tokens":1}"#,
        #"{"prompt_tokens":-5,"completion_tokens":1}"#, #"{"prompt_tokens":5,"completion_tokens":-1}"#,
        #"{"prompt_tokens":100000001,"completion_tokens":1}"#, #"{"prompt_tokens":5,"completion_tokens":1e300}"#,
        #"{"prompt_tokens":5.5,"completion_tokens":1}"#, #"{"prompt_tokens":"many","completion_tokens":1}"#,
        #"{"prompt_tokens":5,"completion_tokens":1,"prompt_tokens_details":{"cached_tokens":-1}}"#,
        #"{"prompt_tokens":5,"completion_tokens":1,"completion_tokens_details":{"reasoning_tokens":[]}}"#,
    ])
    func whatIsAbsentOrCannotBeTrueIsNotReported(json: String) throws {
        #expect(try chat(json).tokens == nil)
        let other = json.replacing("prompt_tokens", with: "input_tokens").replacing("completion_", with: "output_")
        #expect(try responses(other).tokens == nil)
    }

    @Test func numbersInTextsAndWithoutDetailsAreRead() throws {
        let text = try chat(#"{"prompt_tokens":"10","completion_tokens":2.0,"prompt_tokens_details":null}"#)
        #expect(text.tokens == TokenUsage(uncachedInputTokens: 10, outputTokens: 2))
        #expect(
            try chat(#"{"prompt_tokens":100000000,"completion_tokens":100000000}"#).tokens?.totalTokens == 200_000_000)
    }

    @Test func partsLargerThanTheWholeAreCutToItAndNoticed() throws {
        let reading = try responses(
            #"{"input_tokens":10,"input_tokens_details":{"cached_tokens":9,"cache_write_tokens":4},"output_tokens":1}"#)
        #expect(reading.tokens == TokenUsage(cacheReadTokens: 9, cacheWriteTokens: 1, outputTokens: 1))
        #expect(reading.isContradictory)
    }

    @Test func messagesTellTheInputFirstAndTheOutputLast() throws {
        var usage = MessagesUsage()
        #expect(usage.tokens == nil)
        usage.read(
            try JSONValue(
                parsing:
                    #"{"input_tokens":10,"cache_read_input_tokens":100,"output_tokens":1,"service_tier":"priority"}"#))
        #expect(usage.tokens == TokenUsage(uncachedInputTokens: 10, cacheReadTokens: 100, outputTokens: 1))
        usage.read(try JSONValue(parsing: #"{"output_tokens":30}"#))
        #expect(usage.tokens == TokenUsage(uncachedInputTokens: 10, cacheReadTokens: 100, outputTokens: 30))
        #expect(usage.serviceTier == "priority")
        usage.read(try JSONValue(parsing: #"{"output_tokens":-30}"#))
        #expect(usage.tokens == nil)
    }

    @Test(arguments: [
        (
            ModelSpec.API.responses,
            #"data: {"type":"response.completed","response":{"output":[{"type":"message","content":[{"type":"output_text","text":"x"}]}],"service_tier":"flex"}}"#
        ),
        (
            .chatCompletions,
            "data: {\"service_tier\":\"flex\",\"choices\":[{\"delta\":{\"content\":\"x\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]"
        ),
        (
            .messages,
            Recordings.messages.replacing(
                "\"output_tokens\":1}", with: "\"output_tokens\":1,\"service_tier\":\"flex\"}")
        ),
    ])
    func theTierThatAnsweredIsRead(api: ModelSpec.API, text: String) throws {
        func run(_ stream: some ReplyStream) throws -> ReportedUsage? {
            var reading = StreamReading(stream)
            return try reading.feed(Array((text + "\n\n").utf8))?.usage
        }
        let usage =
            switch api {
            case .responses: try run(ResponsesStream())
            case .chatCompletions: try run(ChatStream())
            case .messages: try run(MessagesStream())
            }
        #expect(usage?.serviceTier == "flex")
    }

    @Test(arguments: [#""Flex""#, #""a/b""#, #""""#, "null", "5", #""\#(String(repeating: "x", count: 31))""#])
    func whatIsNoNameOfATierIsNone(tier: String) throws {
        #expect(try JSONValue(parsing: #"{"service_tier":\#(tier)}"#).serviceTier == nil)
    }

    /// vLLM and others count as they go, if they are asked to.
    @Test func aCountInTheMiddleOfAChatIsNotFinal() throws {
        var reading = StreamReading(ChatStream())
        let usage = #""usage":{"prompt_tokens":10,"completion_tokens":1}"#
        _ = try reading.feed(Array("data: {\"choices\":[{\"delta\":{\"content\":\"x\"}}],\(usage)}\n\n".utf8))
        let cut = #expect(throws: ModelFailure.self) { try reading.feed(nil) }
        #expect(cut?.usage.tokens == TokenUsage(uncachedInputTokens: 10, outputTokens: 1))
        #expect(cut?.usage.finalTokens == nil)
    }
}
