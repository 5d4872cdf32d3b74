import Foundation
import Testing

@testable import ProviderTwin

@Suite(.timeLimit(.minutes(1)))
struct StageAnswerTests {
    private static func answer(
        _ stage: String, _ prompt: String, seed: UInt64 = 7, schema: JSONValue? = nil, system: String = ""
    ) -> String {
        var request = ModelRequest(endpoint: .responses, model: "m")
        request.schemaName = stage
        request.schema = schema
        request.prompt = Array(prompt.utf8)
        request.system = Array(system.utf8)
        return String(decoding: AnswerComposer(seed: seed).answer(to: request).text, as: UTF8.self)
    }

    private static func object(_ text: String) -> [String: Any] {
        WireFormatTests.object(text) as? [String: Any] ?? [:]
    }

    @Test(arguments: Prompts.byStage.keys.sorted()) func answersHaveTheShapeOfTheirStage(stage: String) throws {
        let shape = try #require(Shape.stages[stage])
        for seed: UInt64 in 0..<40 {
            #expect(shape.mismatch(Self.object(Self.answer(stage, Prompts.byStage[stage] ?? "", seed: seed))) == nil)
            #expect(shape.mismatch(Self.object(Self.answer(stage, "no sections < at & all", seed: seed))) == nil)
            #expect(shape.mismatch(Self.object(Self.answer(stage, "", seed: seed))) == nil)
        }
    }

    @Test func analysisReadsUnescapedText() {
        let analysis = Self.object(Self.answer("task_analysis", Prompts.task))
        #expect((analysis["summary"] as? String)?.hasPrefix("Solar heat & storage: Analyse the market") == true)
        let requirements = analysis["requirements"] as? [[String: String]]
        #expect(requirements?.map { $0["id"] } == ["R1", "R2", "R3"])
        #expect(requirements?[1]["text"] == "Estimate costs <and> revenue")
        #expect((analysis["constraints"] as? [String])?.count == 1)
    }

    @Test func selectionPrefersRelevantSpecialists() {
        for seed: UInt64 in 0..<20 {
            let prompt = Prompts.byStage["specialist_selection"] ?? ""
            let list = Self.object(Self.answer("specialist_selection", prompt, seed: seed))["specialists"]
            let types = (list as? [[String: Any]] ?? []).compactMap { $0["type"] as? String }
            #expect(Set(types.prefix(2)) == ["financial_analyst", "market_researcher"])
            #expect((2...5).contains(types.count))
        }
    }

    @Test func plansAreAcyclicAndCoverEverything() {
        for seed: UInt64 in 0..<200 {
            let prompt = Prompts.byStage["task_decomposition"] ?? ""
            let plan = Self.object(Self.answer("task_decomposition", prompt, seed: seed))
            let subtasks = plan["subtasks"] as? [[String: Any]] ?? []
            #expect((2...6).contains(subtasks.count))
            var known: Set<String> = []
            var covered: Set<String> = []
            for subtask in subtasks {
                let dependencies = subtask["dependencies"] as? [String] ?? []
                #expect(known.isSuperset(of: dependencies), "a dependency points forward")
                known.insert(subtask["subtask_id"] as? String ?? "")
                covered.formUnion(subtask["covers"] as? [String] ?? [])
                let specialist = subtask["assigned_specialist"] as? String ?? ""
                #expect(["financial_analyst", "market_researcher", "writer"].contains(specialist))
            }
            #expect(covered == ["R1", "R2", "R3"])
            #expect(known.count == subtasks.count)
            let phases = (plan["execution_phases"] as? [[String: Any]] ?? []).compactMap { $0["subtasks"] as? [String] }
            #expect(phases.flatMap(\.self).sorted() == known.sorted())
        }
    }

    @Test func solutionsCiteTheirSubtask() {
        for seed: UInt64 in 0..<50 {
            let prompt = Prompts.byStage["subtask_execution"] ?? ""
            let content = Self.object(Self.answer("subtask_execution", prompt, seed: seed))["content"] as? String ?? ""
            #expect((300...2500).contains(content.count))
            #expect(content.contains("Compare costs by region"))
            #expect(content.contains("s1 (market_researcher)"))
        }
    }

    @Test func longInputsStayWithinTheSolutionLimit() {
        let long = String(repeating: "Very long words about everything under the sun. ", count: 200)
        let title = "<title>\(long)</title><description>\(long)</description>"
        let dependencies = (1...9).map { "<dependency subtask=\"s\($0)\" specialist=\"x\">\(long)</dependency>" }
            .joined()
        let feedback = "<feedback>\(long)<request>\(long)</request></feedback>"
        let prompt = "<task id=\"t\">\(title)</task><subtask key=\"s9\">\(title)</subtask>\(dependencies)\(feedback)"
        for seed: UInt64 in 0..<50 {
            let content = Self.object(Self.answer("subtask_execution", prompt, seed: seed))["content"] as? String ?? ""
            #expect((300...2500).contains(content.count), "\(content.count)")
        }
    }

    @Test func firstVersionsFailAtTheStatedRates() {
        var verdicts: [String: Int] = [:]
        for number in 0..<4000 {
            let prompt = Prompts.task + Prompts.subtask() + Prompts.solution("s2", "Text \(number).")
            let review = Self.object(Self.answer("solution_review", prompt))
            let verdict = review["recommendation"] as? String ?? ""
            verdicts[verdict, default: 0] += 1
            let scores = review["scores"] as? [String: Double] ?? [:]
            let weights = ["completeness": 0.3, "accuracy": 0.3, "relevance": 0.2, "quality": 0.2]
            let score = weights.reduce(0) { $0 + $1.value * (scores[$1.key] ?? 0) }
            switch verdict {
            case "ACCEPT": #expect(score >= 7.05)
            case "NEEDS_REVISION": #expect(score > 4.95 && score < 6.95)
            default: #expect(score < 4.95)
            }
            #expect((review["revision_requests"] as? [String])?.isEmpty == (verdict == "ACCEPT"))
        }
        #expect((520...680).contains(verdicts["NEEDS_REVISION"] ?? 0))
        #expect((80...165).contains(verdicts["REJECT"] ?? 0))
    }

    @Test func laterVersionsPass() {
        for number in 0..<500 {
            let review = Prompts.task + Prompts.subtask() + Prompts.solution("s2", version: 2, "Text \(number).")
            #expect(Self.object(Self.answer("solution_review", review))["recommendation"] as? String == "ACCEPT")
            let final = "<task id=\"\(number)\"></task>" + Prompts.answer(version: 2)
            #expect(Self.object(Self.answer("final_review", final))["approved"] as? Bool == true)
        }
        let disapproved = (0..<2000).count { number in
            let final = "<task id=\"\(number)\"></task>" + Prompts.answer(version: 1)
            return Self.object(Self.answer("final_review", final))["approved"] as? Bool == false
        }
        #expect((35...90).contains(disapproved))
    }

    @Test func missingPartsAreNamed() {
        let synthesis = Self.object(Self.answer("synthesis", Prompts.byStage["synthesis"] ?? ""))
        #expect((synthesis["limitations"] as? [String])?.first?.contains("s3") == true)
        let coordination = Self.object(Self.answer("coordination", Prompts.byStage["coordination"] ?? ""))
        #expect((coordination["identified_gaps"] as? [String])?.first?.contains("s3") == true)
        #expect((coordination["structured_findings"] as? [Any])?.count == 2)
    }

    @Test func revisionsReachAsFarAsTheirWords() {
        let scoping = Self.object(Self.answer("revision_scoping", Prompts.byStage["revision_scoping"] ?? ""))
        #expect(scoping["scope"] as? String == "specific_subtasks")
        #expect(scoping["subtasks"] as? [String] == ["s1"])
        let whole = Prompts.task + "<revision_request>Start over from scratch</revision_request>"
        #expect(Self.object(Self.answer("revision_scoping", whole))["scope"] as? String == "full_task")
        let tone = Prompts.task + "<revision_request>Make it shorter</revision_request>" + Prompts.subtask()
        #expect(Self.object(Self.answer("revision_scoping", tone))["scope"] as? String == "final_answer")
    }

    @Test func schemasInTheSystemPromptAreFound() {
        var request = ModelRequest(endpoint: .messages, model: "m")
        request.prompt = Array(Prompts.task.utf8)
        let schema = "{\"title\": \"task_analysis\", \"type\": \"object\"}"
        request.system = Array("You analyse {tasks}. Answer as JSON: \(schema)".utf8)
        let text = String(decoding: AnswerComposer(seed: 1).answer(to: request).text, as: UTF8.self)
        #expect(Shape.stages["task_analysis"]?.mismatch(Self.object(text)) == nil)
        request.system = Array("Just talk.".utf8)
        #expect(AnswerComposer(seed: 1).answer(to: request).text.first != UInt8(ascii: "{"))
    }

    @Test func unknownSchemasGetAValidInstance() throws {
        let schema = try JSONParser.parse(
            Array(
                """
                {"type":"object","properties":{"kind":{"enum":["a","b"]},"count":{"type":"integer","minimum":20},
                "next":{"anyOf":[{"$ref":"#"},{"type":"null"}]},"tags":{"type":"array","items":{"$ref":"#/$defs/tag"}},
                "none":{"type":"null"},"maybe":{"type":["number","null"]},"ok":{"type":"boolean"}},
                "required":["kind","count","next","tags","none","maybe","ok"],
                "$defs":{"tag":{"type":"object","properties":{"name":{"type":"string"}},"required":["name"]}}}
                """.utf8))
        for seed: UInt64 in 0..<20 {
            let value = Self.object(Self.answer("custom", "x", seed: seed, schema: schema))
            #expect(Set(value.keys) == ["kind", "count", "next", "tags", "none", "maybe", "ok"])
            #expect(["a", "b"].contains(value["kind"] as? String ?? ""))
            #expect((value["count"] as? Int ?? 0) >= 20)
            #expect(((value["tags"] as? [[String: Any]])?.first?["name"] as? String)?.isEmpty == false)
            #expect(value["ok"] is Bool)
        }
    }
}
