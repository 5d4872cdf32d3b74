import Foundation
import Testing

@testable import ProviderTwin

/// Coordination, synthesis, final review and scoping.
struct ConclusionAnswerTests {
    private static func texts(_ value: Any?) -> [String] {
        (value as? [[String: Any]] ?? []).compactMap { $0["text"] as? String }
    }

    private static func ids(_ value: Any?, _ name: String = "id") -> [String] {
        (value as? [[String: Any]] ?? []).compactMap { $0[name] as? String }
    }

    @Test func coordinationCopiesIdsTitlesAndScores() {
        let answer = Asking.object("coordination", Material.byStage["coordination"] ?? [])
        let findings = answer["structured_findings"] as? [[String: Any]] ?? []
        #expect(Self.ids(findings) == ["F1", "F2"])
        #expect(Self.ids(findings, "topic") == ["Market", "Compare costs by region"])
        #expect(findings.map { $0["requirements"] as? [String] } == [["R1", "R4"], ["R2", "R3", "R5"]])
        #expect(findings.map { $0["confidence"] as? Double } == [0.81, 0.81])
        let data = findings.compactMap { $0["supporting_data"] as? String }
        #expect(data.allSatisfy { $0.contains("8.1 of 10") && $0.contains("major: Figures: thin") })
        #expect(data.first?.contains("Kept from the previous aggregation as F4") == true)
        let gaps = Self.texts(answer["identified_gaps"])
        #expect(gaps.contains { $0.hasPrefix("s8 is missing") } && gaps.contains { $0.hasPrefix("s3 stayed below") })
    }

    @Test func requirementsThatNoSolutionAnswersAreGaps() {
        let sections = [Material.taskSection, Material.analysis, Material.coordinated("s1", "Market", [1, 4])]
        let gaps = Asking.object("coordination", sections)["identified_gaps"] as? [[String: Any]] ?? []
        #expect(gaps.compactMap { $0["requirement"] as? String } == ["R2", "R3", "R5"])
    }

    @Test func everythingMissingBecomesALimitation() {
        let answer = Asking.object("synthesis", Material.byStage["synthesis"] ?? [])
        let limitations = answer["limitations"] as? [String] ?? []
        for sign in ["s8 is missing", "s3 stayed below the bar", "Demand after 2030"] {
            #expect(limitations.contains { $0.contains(sign) }, "\(sign)")
        }
        #expect(Self.ids(answer["requirement_answers"]) == ["R1", "R2", "R3", "R4", "R5"])
        #expect(Set(Self.ids(answer["requirement_answers"], "status")) == ["answered"])
    }

    @Test func requirementsWithoutAFindingAreOpenAndSaid() {
        let sections = [
            Material.taskSection, Material.analysis,
            Section(
                "aggregation",
                #"{"structured_findings":[{"id":"F1","topic":"Market","key_points":["x (s1)"],"requirements":["R1"]}]}"#
            ),
            Material.synthesised("s1", "Market"),
        ]
        let answer = Asking.object("synthesis", sections)
        #expect(Self.ids(answer["requirement_answers"], "status") == ["answered", "open", "open", "open", "open"])
        let limitations = answer["limitations"] as? [String] ?? []
        for id in ["R2", "R3", "R4", "R5"] { #expect(limitations.contains { $0.hasPrefix("\(id) is left open") }) }
    }

    @Test func aWishOfTheUserIsAnsweredByTheRevisionItself() {
        let sections = (Material.byStage["synthesis"] ?? []).without("aggregation").without("solution")
        let answers = Asking.object("synthesis", sections)["requirement_answers"] as? [[String: String]] ?? []
        #expect(answers.last?["status"] == "answered")
        #expect(answers.last?["section"] == "The user's revision")
    }

    @Test func aCompleteAnswerIsApproved() {
        let review = Asking.object("final_review", Material.byStage["final_review"] ?? [])
        #expect(review["approved"] as? Bool == true)
        #expect(Set(Self.ids(review["requirement_checks"], "met")) == ["yes"])
        let stated = (review["limitation_checks"] as? [[String: Any]] ?? []).map { $0["stated"] as? Bool }
        #expect(stated == [true, true, true])
    }

    @Test(arguments: [
        ("R2: Estimate costs", "Costs"), ("s8 is missing", "s8 is fine"), ("s3 stayed below", "s3 stayed above"),
        ("Demand after 2030 was", "Demand was"), ("Q2: State the basis", "Q2: "), ("Please redo the pricing", "Redo"),
        ("(F1)", "(F9)"), (#""status":"answered""#, #""status":"open""#),
    ])
    func whatTheFinalAnswerLacksSendsItBack(text: String, other: String) throws {
        let sections = Material.byStage["final_review"] ?? []
        let answer = try #require(sections.last)
        let escaped = Section.escape(text)
        #expect(answer.text.contains(escaped))
        var changed = answer
        changed.text = answer.text.replacing(escaped, with: Section.escape(other))
        let review = Asking.object("final_review", sections.dropLast() + [changed])
        #expect(review["approved"] as? Bool == false, "\(text)")
        #expect((review["revision_requests"] as? [Any])?.isEmpty == false)
    }

    @Test func anOpenMustThatIsStatedIsNoReasonToRefuse() {
        let aggregation = Section(
            "aggregation",
            #"{"structured_findings":[{"id":"F1","topic":"Market","key_points":["x (s1)"],"requirements":["R1"]}]}"#)
        let material = [Material.taskSection, Material.analysis, aggregation]
        let answer = Asking.text(
            "synthesis", Material.prompt(material + [Material.synthesised("s1", "Market")]), seed: 1)
        let review = Asking.object("final_review", material + [Section("answer", ["version": "1"], answer)])
        #expect(review["approved"] as? Bool == true)
        #expect(Self.ids(review["requirement_checks"], "met") == ["yes", "no", "no", "no", "no"])
    }

    @Test func withoutTheAnalysisApprovalIsRefused() {
        let review = Asking.object("final_review", (Material.byStage["final_review"] ?? []).without("analysis"))
        #expect(review["approved"] as? Bool == false)
        #expect((review["feedback"] as? String)?.contains("cannot see the requirements") == true)
    }

    @Test func withoutTheAggregationFindingsCannotBeTraced() {
        let review = Asking.object("final_review", (Material.byStage["final_review"] ?? []).without("aggregation"))
        #expect((review["feedback"] as? String)?.contains("certainty is low") == true)
    }

    @Test func drawnRefusalsMeetFirstVersionsOnly() {
        var refused = 0
        for number in 0..<1500 {
            let task = Section("task", body: Section.items("title", ["Task \(number)"]))
            let answers = (1...2).map { version in
                let answer = Section("answer", ["version": "\(version)"], #"{"executive_summary":"x"}"#)
                let review = Asking.object("final_review", [task, Material.analysis, answer], mode: .hash)
                return review["approved"] as? Bool
            }
            refused += answers[0] == false ? 1 : 0
            #expect(answers[1] == true)
        }
        #expect((22...72).contains(refused), "\(refused)")
    }

    @Test func revisionsReachAsFarAsTheirWords() {
        let sections = (Material.byStage["revision_scoping"] ?? []).without("revision_request")
            .without("earlier_revisions")
        func scoping(_ request: String) -> [String: Any] {
            Asking.object("revision_scoping", sections + [Section("revision_request", request)])
        }
        let pricing = scoping("The pricing needs another look")
        #expect(pricing["scope"] as? String == "specific_subtasks")
        #expect(pricing["subtasks"] as? [String] == ["s1"])
        let added = pricing["new_requirements"] as? [[String: String]] ?? []
        #expect(added.map { $0["id"] } == ["R6"] && added.first?["text"] == "The pricing needs another look")
        #expect(scoping("Start over from scratch")["scope"] as? String == "full_task")
        #expect(scoping("Make it shorter")["scope"] as? String == "final_answer")
        // The words of a requirement lead to the subtask that covers it.
        #expect(scoping("Analyse the market deeper")["subtasks"] as? [String] == ["s2"])
    }

    @Test(arguments: ["analysis", "answer", "subtask"]) func whoCannotTellStartsAnew(tag: String) {
        let scoping = Asking.object("revision_scoping", (Material.byStage["revision_scoping"] ?? []).without(tag))
        #expect(scoping["scope"] as? String == "full_task")
        #expect((scoping["rationale"] as? String)?.contains("Cannot tell") == true)
    }

    @Test func aRequestThatWasCarriedOutBeforeAddsNothing() {
        let scoping = Asking.object("revision_scoping", Material.byStage["revision_scoping"] ?? [])
        #expect((scoping["new_requirements"] as? [Any])?.isEmpty == true)
        #expect((scoping["rationale"] as? String)?.contains("already carried out (final_answer)") == true)
    }
}
