import FleetCore
import JSON
import Testing

@testable import Gateway

struct AnswerDocumentTests {
    @Test func synthesisBecomesMarkdownAndData() throws {
        let content: JSONValue = [
            "executive_summary": "In short.", "sections": [["title": "Part\none", "content": "Text."]],
            "key_insights": ["An insight"], "recommendations": ["Do this", "Do that"],
            "supporting_evidence": [["content": "e", "source_specialists": ["x"], "confidence": .double(0.5)]],
            "limitations": ["Few data"], "sources": ["S1"], "overall_confidence": .double(0.92),
        ]
        let answer = TaskAnswer(
            content: content.serialized(), metadata: ["limitations": ["Part two failed"], "partial": true], version: 2,
            completedAt: 0)
        let json = AnswerDocument(answer, taskLimitations: ["Part two failed"]).json
        #expect(
            json["final_answer"]?.string == """
                In short.

                ## Part one

                Text.

                ## Key insights

                - An insight

                ## Recommendations

                1. Do this
                2. Do that

                ## Limitations

                - Few data
                - Part two failed

                ## Sources

                - S1
                """)
        #expect(json["confidence"]?.double == 0.92)
        #expect(json["sources"] == ["S1"])
        #expect(json["limitations"] == ["Few data", "Part two failed"])
        #expect(json["supporting_data"]?["key_insights"] == ["An insight"])
        #expect(json["supporting_data"]?["supporting_evidence"]?.array?.count == 1)
        #expect(json["version"]?.int == 2)
        #expect(json["partial"]?.bool == true)
    }

    @Test func markdownStaysAsItIs() {
        let answer = TaskAnswer(
            content: "## Part\n\nText", metadata: ["limitations": ["l"]], version: 1, completedAt: 0)
        let json = AnswerDocument(answer, taskLimitations: []).json
        #expect(json["final_answer"]?.string == "## Part\n\nText")
        #expect(json["confidence"] == .null)
        #expect(json["sources"] == [])
        #expect(json["limitations"] == ["l"])
    }

    @Test func textThatReadersGotKeepsTheStructureOfItsMetadata() {
        let answer = TaskAnswer(
            content: "Only text", metadata: ["executive_summary": "S", "overall_confidence": .double(0.5)], version: 1,
            completedAt: 0)
        let json = AnswerDocument(answer, taskLimitations: []).json
        #expect(json["final_answer"]?.string == "S")
        #expect(json["confidence"]?.double == 0.5)
    }
}
