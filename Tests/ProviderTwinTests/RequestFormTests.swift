import Foundation
import Testing

@testable import ProviderTwin

/// The forms in which a prompt may come: they mean the same text.
@Suite(.timeLimit(.minutes(1)))
struct RequestFormTests {
    private static let instructions = "You work.\nYou follow the schema."
    private static let blocks = [Material.task, Material.requirements([1, 2]).text, Material.subtask().text]

    private static func parsed(_ endpoint: Endpoint, _ body: [String: Any]) throws -> TwinRequest {
        var body = body
        body["model"] = endpoint == .messages ? "claude-haiku-5-5" : "gpt-6-luna"
        return try TwinRequest(endpoint: endpoint, body: Array(TwinClient.text(body).utf8), seed: 1)
    }

    @Test func blocksAndStringsAreTheSamePrompt() throws {
        let joined = blocks(of: "text")
        let input = blocks(of: "input_text")
        let whole = Self.blocks.joined(separator: "\n")
        let requests = try [
            Self.parsed(.responses, ["instructions": Self.instructions, "input": whole]),
            Self.parsed(
                .responses,
                [
                    "input": [
                        ["role": "developer", "content": [["type": "input_text", "text": Self.instructions]]],
                        ["role": "user", "content": input],
                    ]
                ]),
            Self.parsed(
                .messages,
                [
                    "max_tokens": 9, "system": [["type": "text", "text": Self.instructions]],
                    "messages": [["role": "user", "content": joined]],
                ]),
            Self.parsed(
                .chatCompletions,
                [
                    "messages": [
                        ["role": "system", "content": Self.instructions], ["role": "user", "content": whole],
                    ]
                ]),
        ]
        let tokens = (Self.instructions.utf8.count + 1 + whole.utf8.count + 3) / 4
        for request in requests {
            #expect(request.system == Array(Self.instructions.utf8))
            #expect(request.prompt == Array(whole.utf8))
            #expect(request.inputTokens == tokens)
        }
    }

    private func blocks(of type: String) -> [[String: String]] {
        Self.blocks.map { ["type": type, "text": $0] }
    }

    @Test func theServiceTierIsEchoed() async throws {
        try await withTwin { twin in
            let tiers: [(String?, String)] = [
                (nil, "default"), ("auto", "default"), ("flex", "flex"), ("fast", "priority"),
            ]
            for (requested, expected) in tiers {
                var responses = Prompts.responses(stage: "task_analysis", prompt: Material.task)
                responses["service_tier"] = requested
                #expect(try await twin.post("/v1/responses", responses).json["service_tier"] as? String == expected)
                #expect(try await twin.bill().last?["service_tier"] as? String == expected)
                var chat = Prompts.chat(stage: "task_analysis", prompt: Material.task)
                chat["service_tier"] = requested
                let reply = try await twin.post("/v1/chat/completions", chat)
                #expect(reply.json["service_tier"] as? String == expected)
            }
            let message = try await twin.post(
                "/v1/messages", Prompts.messages(stage: "task_analysis", prompt: Material.task))
            #expect((message.json["usage"] as? [String: Any])?["service_tier"] as? String == "standard")
        }
    }

    @Test func answersDependOnThePromptAndTheSeedAlone() {
        for (stage, sections) in Material.byStage {
            let prompt = Material.prompt(sections)
            #expect(Asking.text(stage, prompt) == Asking.text(stage, prompt), "\(stage)")
        }
        let prompt = Material.prompt(Material.byStage["subtask_execution"] ?? [])
        #expect(Asking.text("subtask_execution", prompt, seed: 1) != Asking.text("subtask_execution", prompt, seed: 2))
        // Text outside of the sections changes nothing: only what is shown counts.
        #expect(Asking.text("subtask_execution", prompt + "\nPlease.") == Asking.text("subtask_execution", prompt))
    }
}
