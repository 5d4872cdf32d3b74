import Foundation
import Testing

@testable import ProviderTwin

@Suite(.timeLimit(.minutes(1)))
struct StatsTests {
    private static var responses: [String: Any] { Prompts.responses(stage: "task_analysis", prompt: Prompts.task) }
    private static var messages: [String: Any] { Prompts.messages(stage: "task_analysis", prompt: Prompts.task) }

    @Test func statsAddUp() async throws {
        try await withTwin { twin in
            let one = try await twin.post("/v1/responses", Self.responses).json["usage"] as? [String: Any]
            let two = try await twin.post("/v1/messages", Self.messages).json["usage"] as? [String: Any]
            var broken = Self.messages
            broken["max_tokens"] = nil
            _ = try await twin.post("/v1/messages", broken)
            let stats = try await twin.get("/twin/stats").json
            #expect(
                Set(stats.keys) == [
                    "requests", "by_status", "by_endpoint", "by_model", "input_tokens", "output_tokens", "in_flight",
                    "max_in_flight", "windows", "billed_micro_usd", "bill_lines_dropped",
                ])
            #expect(stats["requests"] as? Int == 3)
            #expect(stats["by_status"] as? [String: Int] == ["200": 2, "400": 1])
            #expect(stats["by_endpoint"] as? [String: Int] == ["/v1/responses": 1, "/v1/messages": 2])
            #expect((stats["by_model"] as? [String: Int])?["gpt-6-luna"] == 1)
            let input = [one, two].compactMap { $0?["input_tokens"] as? Int }.reduce(0, +)
            #expect(stats["input_tokens"] as? Int == input)
            #expect(stats["in_flight"] as? Int == 0)
            #expect(stats["max_in_flight"] as? Int == 1)
            let windows = try #require(stats["windows"] as? [[String: Any]])
            #expect(windows.count == 2)
            #expect(windows.allSatisfy { $0["max_requests_60s"] as? Int == 1 })
            #expect(windows.allSatisfy { ($0["key"] as? String)?.hasPrefix("key-") == true })
            #expect(!"\(stats)".contains("test-key"))
            _ = try await twin.post("/twin/control", ["reset_stats": true])
            let reset = try await twin.get("/twin/stats").json
            #expect(reset["requests"] as? Int == 0)
            #expect((reset["windows"] as? [Any])?.isEmpty == true)
        }
    }

    @Test func manyRequestsAreInFlightAtOnce() async throws {
        try await withTwin { twin in
            _ = try await twin.post("/twin/control", ["latency_ms": [400, 400]])
            try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<200 {
                    group.addTask {
                        let prompt = Prompts.task + "\(number)"
                        let body = Prompts.messages(stage: "task_analysis", prompt: prompt, stream: number % 2 == 0)
                        return try await twin.post("/v1/messages", body).status
                    }
                }
                for try await status in group { #expect(status == 200) }
            }
            let stats = try await twin.get("/twin/stats").json
            #expect((stats["max_in_flight"] as? Int ?? 0) > 100)
            #expect(stats["in_flight"] as? Int == 0)
            #expect(stats["requests"] as? Int == 200)
        }
    }

    @Test func controlChangesOnlyWhatItNames() async throws {
        try await withTwin { twin in
            let set = try await twin.post(
                "/twin/control", ["latency_ms": [1, 2], "rpm": 9, "faults": ["timeout": 0.1]])
            #expect(set.json["rpm"] as? Int == 9)
            let next = try await twin.post("/twin/control", ["rpm": NSNull()])
            #expect(next.json["rpm"] is NSNull)
            #expect(next.json["latency_ms"] as? [Int] == [1, 2])
            #expect(next.json["faults"] as? [String: Double] == ["timeout": 0.1])
        }
    }

    @Test(arguments: [
        #"{"faults":{"lightning":0.1}}"#, #"{"faults":{"timeout":2}}"#, #"{"faults":{"timeout":-1}}"#,
        #"{"rpm":0}"#, #"{"rpm":"x"}"#, #"{"speed":1}"#, #"{"latency_ms":[3,1]}"#, #"{"latency_ms":[]}"#, "[]", "{",
        #"{"reset_stats":1}"#,
    ])
    func wrongControlsAreRefusedWhole(body: String) async throws {
        try await withTwin { twin in
            let reply = try await twin.send("POST", "/twin/control", body: body, headers: [:])
            #expect(reply.status == 400)
            let message = (reply.json["error"] as? [String: Any])?["message"] as? String
            #expect(message?.isEmpty == false)
            if body.contains("lightning") {
                #expect(message?.contains("lightning") == true)
                #expect(message?.contains("truncated_stream") == true)
            }
        }
    }

    @Test func everyCallIsRecordedWithoutItsSecret() async throws {
        let path = NSTemporaryDirectory() + "twin-record-\(UUID().uuidString).jsonl"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try await withTwin(recordPath: path) { twin in
            let headers = ["Idempotency-Key": "step-1-1-1", "X-MixMyAI-Agent": "manager"]
            _ = try await twin.post("/v1/responses", Self.responses, headers: headers)
            _ = try await twin.post("/v1/messages", Self.messages, headers: ["Authorization": ""])
        }
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let lines = text.split(separator: "\n").compactMap { WireFormatTests.object(String($0)) as? [String: Any] }
        try #require(lines.count == 2)
        #expect(lines[0]["agent_type"] as? String == "manager")
        #expect(lines[0]["idempotency_key"] as? String == "step-1-1-1")
        #expect(lines[0]["status"] as? Int == 200)
        #expect((lines[0]["output_tokens"] as? Int ?? 0) > 0)
        #expect(lines[0]["endpoint"] as? String == "/v1/responses")
        #expect(lines[1]["status"] as? Int == 401)
        #expect(lines[1]["key"] is NSNull)
        #expect(!text.contains("test-key"))
    }
}
