import Foundation
import JSON
import Testing

@testable import ProviderTwin

@Suite(.timeLimit(.minutes(1)))
struct StageAnswerTests {
    @Test(arguments: Prompts.byStage.keys.sorted()) func answersHaveTheShapeOfTheirStage(stage: String) throws {
        let shape = try #require(Shape.stages[stage])
        for seed: UInt64 in 0..<40 {
            #expect(shape.mismatch(Asking.object(stage, Prompts.byStage[stage] ?? "", seed: seed)) == nil)
            #expect(shape.mismatch(Asking.object(stage, "no sections < at & all", seed: seed)) == nil)
            #expect(shape.mismatch(Asking.object(stage, "", seed: seed)) == nil)
        }
    }

    @Test func schemasInTheSystemPromptAreFound() {
        let composer = AnswerComposer(seed: 1, mode: .inputs)
        var request = TwinRequest(endpoint: .messages, model: "m")
        request.prompt = Array(Prompts.task.utf8)
        let schema = "{\"title\": \"task_analysis\", \"type\": \"object\"}"
        request.system = Array("You analyse {tasks}. Answer as JSON: \(schema)".utf8)
        let text = String(decoding: composer.answer(to: request).text, as: UTF8.self)
        #expect(Shape.stages["task_analysis"]?.mismatch(WireFormatTests.object(text)) == nil)
        request.system = Array("Just talk.".utf8)
        #expect(composer.answer(to: request).text.first != UInt8(ascii: "{"))
    }

    @Test func unknownSchemasGetAValidInstance() throws {
        let schema = try JSONValue(
            parsing: """
                {"type":"object","properties":{"kind":{"enum":["a","b"]},"count":{"type":"integer","minimum":20},
                "next":{"anyOf":[{"$ref":"#"},{"type":"null"}]},"tags":{"type":"array","items":{"$ref":"#/$defs/tag"}},
                "none":{"type":"null"},"maybe":{"type":["number","null"]},"ok":{"type":"boolean"}},
                "required":["kind","count","next","tags","none","maybe","ok"],
                "$defs":{"tag":{"type":"object","properties":{"name":{"type":"string"}},"required":["name"]}}}
                """)
        for seed: UInt64 in 0..<20 {
            let value = try #require(
                WireFormatTests.object(Asking.text("custom", "x", seed: seed, schema: schema)) as? [String: Any])
            #expect(Set(value.keys) == ["kind", "count", "next", "tags", "none", "maybe", "ok"])
            #expect(["a", "b"].contains(value["kind"] as? String ?? ""))
            #expect((value["count"] as? Int ?? 0) >= 20)
            #expect(((value["tags"] as? [[String: Any]])?.first?["name"] as? String)?.isEmpty == false)
            #expect(value["ok"] is Bool)
        }
    }
}
