import JSON
import Testing

@testable import ProviderTwin

struct AnalysisAnswerTests {
    private static func requirements(_ answer: [String: Any]) -> [[String: String]] {
        answer["requirements"] as? [[String: String]] ?? []
    }

    @Test func analysisReadsUnescapedText() {
        let analysis = Asking.object("task_analysis", [Material.taskSection])
        #expect((analysis["summary"] as? String)?.hasPrefix("Solar heat & storage: Analyse the market") == true)
        let requirements = Self.requirements(analysis)
        #expect(requirements.map { $0["id"] } == ["R1", "R2", "R3", "R4"])
        #expect(requirements[1]["text"] == "Estimate costs <and> revenue")
        #expect((analysis["constraints"] as? [String])?.contains("deadline: 2026-12-15") == true)
        #expect(analysis["language"] as? String == "en")
    }

    @Test func theFirstRequirementIsAMustAndWishesAreNot() {
        let task = Section(
            "task",
            body: Section.items("title", ["T"])
                + Section.items(
                    "description",
                    ["It should cover three regions. Estimate the costs. Ideally name partners. Optionally add a map."])
        )
        let levels = Self.requirements(Asking.object("task_analysis", [task])).map { $0["level"] }
        #expect(levels == ["must", "must", "should", "should"])
    }

    @Test func aDecimalPointEndsNoSentence() {
        let sentences = Wording.sentences("A duration of 5.2 years is given. The rest is cash, about 3.5 %.", limit: 9)
        #expect(sentences == ["A duration of 5.2 years is given", "The rest is cash, about 3.5 %"])
    }

    @Test func languagesAreTold() throws {
        let none = JSONObject()
        let dutch = try #require(JSONValue(parsing: #"{"language":"nl"}"#).object)
        #expect(
            Language.tag(of: "Bitte beschreibe die Kosten und den Nutzen, nicht mit Tabellen", context: none) == "de")
        #expect(Language.tag(of: "Nous avons besoin des chiffres pour les clients", context: none) == "fr")
        #expect(Language.tag(of: "x", context: dutch) == "nl")
        #expect(Language.tag(of: "", context: none) == "en")
    }

    @Test func aFullRevisionKeepsThePreviousRequirementsAndAddsTheRequest() {
        let analysis = Asking.object("task_analysis", Material.byStage["task_analysis"] ?? [])
        let requirements = Self.requirements(analysis)
        #expect(requirements.map { $0["text"] } == ["Look at ten regions", Material.wish])
        #expect(requirements.map { $0["id"] } == ["R1", "R2"])
        #expect((analysis["summary"] as? String)?.contains("of the previous analysis") == true)
        #expect((analysis["open_questions"] as? [String])?.contains { $0.contains("Grid fees") } == true)
    }

    @Test func thereAreNeverMoreThanTwentyRequirements() {
        let previous = (1...20).map { "{\"id\":\"R\($0)\",\"text\":\"Text \($0)\",\"level\":\"must\",\"check\":\"c\"}" }
        let sections = [
            Material.taskSection,
            Section("previous_analysis", "{\"requirements\":[\(previous.joined(separator: ","))]}"), Material.revision,
        ]
        #expect(Self.requirements(Asking.object("task_analysis", sections)).count == 20)
    }
}
