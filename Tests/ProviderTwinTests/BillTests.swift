import Foundation
import Testing
import UTC

@testable import ProviderTwin

extension TwinClient {
    /// The lines of the bill.
    func bill() async throws -> [[String: Any]] {
        try await get("/twin/bill").body.split(separator: "\n").compactMap {
            WireFormatTests.object(String($0)) as? [String: Any]
        }
    }
}

@Suite(.timeLimit(.minutes(1)))
struct BillTests {
    private static let calls: [(path: String, body: @Sendable () -> [String: Any])] = [
        ("/v1/responses", { Prompts.responses(stage: "task_analysis", prompt: Material.task) }),
        ("/v1/chat/completions", { Prompts.chat(stage: "task_analysis", prompt: Material.task) }),
        ("/v1/messages", { Prompts.messages(stage: "task_analysis", prompt: Material.task) }),
    ]

    /// What a client computes from the usage of a reply, with the same list.
    private static func cost(_ reply: TwinReply, model: String) -> Int? {
        guard let reported = reply.json["usage"] as? [String: Any] else { return nil }
        func count(_ name: String, in object: Any?) -> Int { (object as? [String: Any])?[name] as? Int ?? 0 }
        var usage = Usage()
        if let input = reported["prompt_tokens"] as? Int {
            usage.cacheRead = count("cached_tokens", in: reported["prompt_tokens_details"])
            usage.uncachedInput = input - usage.cacheRead
            usage.output = count("completion_tokens", in: reported)
        } else if reply.json["type"] as? String == "message" {
            usage.uncachedInput = count("input_tokens", in: reported)
            usage.output = count("output_tokens", in: reported)
        } else {
            let details = reported["input_tokens_details"]
            usage.cacheRead = count("cached_tokens", in: details)
            usage.cacheWrite = count("cache_write_tokens", in: details)
            usage.uncachedInput = count("input_tokens", in: reported) - usage.cacheRead - usage.cacheWrite
            usage.output = count("output_tokens", in: reported)
        }
        let day = Timestamp.day(microseconds: TwinClock.wallMilliseconds() * 1000)
        return PriceList.price(of: model, inputTokens: usage.input, on: day)?.cost(of: usage)
    }

    @Test func theBillIsWhatTheReportedUsageCosts() async throws {
        try await withTwin { twin in
            var total = 0
            for (number, call) in (Self.calls + Self.calls + Self.calls).enumerated() {
                var body = call.body()
                let limits = ["/v1/responses": "max_output_tokens", "/v1/messages": "max_tokens"]
                if number > 5 { body[limits[call.path] ?? "max_completion_tokens"] = 16 }
                let padding = String(repeating: "x", count: 4000 * (number / 3))
                if body["input"] != nil { body["input"] = Material.task + padding }
                let reply = try await twin.post(call.path, body, headers: ["Idempotency-Key": "call-\(number)"])
                let cost = try #require(Self.cost(reply, model: body["model"] as? String ?? ""))
                let line = try #require(try await twin.bill().last)
                #expect(line["micro_usd"] as? Int == cost)
                #expect(line["idempotency_key"] as? String == "call-\(number)")
                #expect(line["endpoint"] as? String == call.path)
                #expect(line["billed"] as? Bool == true && line["status"] as? Int == 200)
                #expect((line["key"] as? String)?.hasPrefix("key-") == true)
                total += cost
            }
            #expect(total > 100)
            #expect(try await twin.get("/twin/stats").json["billed_micro_usd"] as? Int == total)
            #expect(try await twin.bill().count == 9)
            _ = try await twin.post("/twin/control", ["reset_stats": true])
            #expect(try await twin.bill().isEmpty)
            #expect(try await twin.get("/twin/stats").json["billed_micro_usd"] as? Int == 0)
        }
    }

    @Test func reasoningIsBilledAsOutputAndCountsAgainstTheLimit() async throws {
        try await withTwin { twin in
            let efforts: [(path: String, body: [String: Any])] = [
                ("/v1/responses", Self.calls[0].body().merging(["reasoning": ["effort": "medium"]]) { $1 }),
                ("/v1/chat/completions", Self.calls[1].body().merging(["reasoning_effort": "medium"]) { $1 }),
            ]
            for (path, body) in efforts {
                let plain = try await twin.post(path, body.filter { !$0.key.hasPrefix("reasoning") }).json
                let reply = try await twin.post(path, body).json
                let visible = try #require(Self.output(plain).output)
                let (output, reasoning) = Self.output(reply)
                #expect(reasoning == (visible * 40 + 99) / 100)
                #expect(output == visible + (reasoning ?? 0))
                let line = try #require(try await twin.bill().last)
                #expect(line["output_tokens"] as? Int == output && line["reasoning_tokens"] as? Int == reasoning)
                let name = path.hasSuffix("responses") ? "max_output_tokens" : "max_completion_tokens"
                let cut = Self.output(try await twin.post(path, body.merging([name: visible]) { $1 }).json)
                #expect(cut.output == visible && cut.reasoning == reasoning)
            }
            var message = Self.calls[2].body()
            let visible = Self.output(try await twin.post("/v1/messages", message).json).output
            var config = message["output_config"] as? [String: Any] ?? [:]
            config["effort"] = "low"
            message["output_config"] = config
            let output = Self.output(try await twin.post("/v1/messages", message).json).output
            #expect(output == visible.map { $0 + ($0 * 25 + 99) / 100 })
        }
    }

    private static func output(_ reply: [String: Any]) -> (output: Int?, reasoning: Int?) {
        let usage = reply["usage"] as? [String: Any] ?? [:]
        let details = (usage["output_tokens_details"] ?? usage["completion_tokens_details"]) as? [String: Any]
        return ((usage["output_tokens"] ?? usage["completion_tokens"]) as? Int, details?["reasoning_tokens"] as? Int)
    }

    @Test(arguments: [FaultKind.rateLimit, .overloaded, .serverError, .quotaExhausted])
    func errorsAreNotBilled(kind: FaultKind) async throws {
        try await withTwin { twin in
            _ = try await twin.post("/twin/control", ["faults": [kind.rawValue: 1.0]])
            for call in Self.calls { _ = try await twin.post(call.path, call.body()) }
            let bill = try await twin.bill()
            #expect(bill.count == 3)
            #expect(bill.allSatisfy { $0["billed"] as? Bool == false && $0["why"] as? String == "http_error" })
            #expect(bill.allSatisfy { $0["micro_usd"] as? Int == 0 && $0["uncached_input_tokens"] as? Int == 0 })
        }
    }

    @Test(arguments: [FaultKind.malformedJSON, .badSchema, .unstorableText])
    func spoiledAnswersAreBilled(kind: FaultKind) async throws {
        try await withTwin { twin in
            _ = try await twin.post("/twin/control", ["faults": [kind.rawValue: 1.0]])
            for call in Self.calls {
                let reply = try await twin.post(call.path, call.body())
                let line = try #require(try await twin.bill().last)
                #expect(line["micro_usd"] as? Int == Self.cost(reply, model: line["model"] as? String ?? ""))
                #expect((line["micro_usd"] as? Int ?? 0) > 0)
            }
        }
    }

    @Test func aRefusalCostsItsInputAtOpenAIAndNothingAtAnthropic() async throws {
        try await withTwin { twin in
            _ = try await twin.post("/twin/control", ["faults": ["refusal": 1.0]])
            for call in Self.calls {
                for isStreaming in [false, true] {
                    var body = call.body()
                    body["stream"] = isStreaming
                    let reply = try await twin.post(call.path, body)
                    let line = try #require(try await twin.bill().last)
                    #expect(line["why"] as? String == "refusal")
                    #expect(line["output_tokens"] as? Int == 0)
                    let isAnthropic = call.path == "/v1/messages"
                    #expect(line["billed"] as? Bool == !isAnthropic)
                    if !isStreaming, !isAnthropic {
                        #expect(line["micro_usd"] as? Int == Self.cost(reply, model: "gpt-6-luna"))
                    }
                    if isAnthropic, !isStreaming {
                        let usage = reply.json["usage"] as? [String: Any]
                        #expect(usage?["output_tokens"] as? Int == 0)
                        #expect((reply.json["content"] as? [Any])?.isEmpty == true)
                    }
                }
            }
        }
    }

    @Test(arguments: [true, false]) func cutStreamsAreBilledIfTheSwitchSaysSo(isBilled: Bool) async throws {
        try await withTwin { twin in
            for call in Self.calls {
                var body = call.body()
                body["stream"] = true
                _ = try await twin.post("/twin/control", ["faults": NSNull(), "disconnect_billing": isBilled])
                _ = try await twin.post(call.path, body)
                _ = try await twin.post("/twin/control", ["faults": ["truncated_stream": 1.0]])
                #expect(try await twin.post(call.path, body).isComplete == false)
                let bill = try await twin.bill().suffix(2)
                let whole = bill.first?["output_tokens"] as? Int ?? 0
                let cut = bill.last?["output_tokens"] as? Int ?? 0
                #expect(bill.last?["why"] as? String == "disconnect")
                #expect(bill.last?["billed"] as? Bool == isBilled)
                #expect(isBilled ? (whole / 3...whole * 2 / 3).contains(cut) : cut == 0)
                let same = bill.last?["uncached_input_tokens"] as? Int == bill.first?["uncached_input_tokens"] as? Int
                #expect(same == isBilled)
            }
        }
    }

    @Test(arguments: [true, false]) func clientsThatLeaveAreBilledIfTheSwitchSaysSo(isBilled: Bool) async throws {
        try await withTwin { twin in
            for (settings, why) in [
                (["faults": ["timeout": 1.0]] as [String: Any], "timeout"),
                (["faults": NSNull(), "latency_ms": [60_000, 60_000]], "disconnect"),
            ] {
                _ = try await twin.post(
                    "/twin/control",
                    settings.merging(["disconnect_billing": isBilled, "reset_stats": true]) { $1 })
                try await twin.leave("/v1/messages", Self.calls[2].body()) {
                    while try await twin.get("/twin/stats").json["in_flight"] as? Int == 0 {}
                }
                while try await twin.get("/twin/stats").json["in_flight"] as? Int != 0 {}
                let line = try #require(try await twin.bill().last)
                #expect(line["why"] as? String == why)
                #expect(line["status"] as? Int == 0)
                #expect(line["billed"] as? Bool == isBilled)
                #expect((line["uncached_input_tokens"] as? Int == 0) == !isBilled)
                #expect((line["output_tokens"] as? Int ?? 9) < 5)
            }
        }
    }

    @Test func unknownModelsCostNothingAndSaySo() async throws {
        try await withTwin(ownModels: ["my-own-model"]) { twin in
            var body = Self.calls[0].body()
            body["model"] = "my-own-model"
            _ = try await twin.post("/v1/responses", body)
            let line = try #require(try await twin.bill().last)
            #expect(line["billed"] as? Bool == false && line["why"] as? String == "unknown_model")
            #expect(line["micro_usd"] as? Int == 0 && (line["output_tokens"] as? Int ?? 0) > 0)
        }
    }

    @Test func theLastLinesAreKeptAndTheSumIsExact() {
        var bill = Bill()
        let charge = Charge(
            model: "gpt-6-luna", provider: .openAI, serviceTier: "default", usage: Usage(uncachedInput: 10_000),
            ending: .complete)
        let verdict = charge.verdict(.complete, billsDisconnects: true)
        for number in 0..<(Bill.mostLines + 3) {
            bill.add(
                BillLine(
                    key: nil, idempotencyKey: "\(number)", model: "gpt-6-luna", endpoint: .responses, status: 200,
                    charge: charge, verdict: verdict, day: "2026-11-26"))
        }
        #expect(bill.microUSD == 1000 * (Bill.mostLines + 3))
        #expect(bill.droppedLines == 3)
        let first = String(decoding: bill.jsonLines.prefix(200), as: UTF8.self)
        #expect(first.contains("\"idempotency_key\":\"3\""))
    }
}
