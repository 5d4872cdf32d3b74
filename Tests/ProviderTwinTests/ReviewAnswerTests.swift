import Foundation
import Testing

@testable import ProviderTwin

/// What a reviewer finds in a solution.
struct ReviewAnswerTests {
    private static let whole = Material.byStage["solution_review"] ?? []

    private static func review(_ sections: [Section], seed: UInt64 = 7, mode: AnswerMode = .inputs) -> [String: Any] {
        Asking.object("solution_review", sections, seed: seed, mode: mode)
    }

    private static func scores(_ review: [String: Any]) -> [String: Double] {
        review["scores"] as? [String: Double] ?? [:]
    }

    private static func met(_ review: [String: Any], _ list: String = "requirement_checks") -> [String: String] {
        let checks = review[list] as? [[String: String]] ?? []
        return Dictionary(checks.map { ($0["id"] ?? "", $0["met"] ?? "") }) { first, _ in first }
    }

    /// The whole prompt with a solution in whose content something is replaced.
    private static func replacing(_ text: String, with other: String) -> [Section] {
        var solution = Material.solution
        let content = solution["content"] as? String ?? ""
        #expect(content.contains(text))
        solution["content"] = content.replacing(text, with: other)
        solution["key_findings"] = (solution["key_findings"] as? [String] ?? []).map { $0.replacing(text, with: other) }
        return whole.without("solution") + [Material.subject(solution)]
    }

    @Test func aSolutionThatUsesAllItWasGivenIsAccepted() {
        for seed: UInt64 in 0..<50 {
            let review = Self.review(Self.whole, seed: seed)
            #expect(MiniFleet.score(review) >= 7)
            #expect(Self.met(review) == ["R2": "yes", "R3": "yes"])
            #expect(Self.met(review, "request_checks") == ["Q1": "yes", "Q2": "yes"])
            #expect((review["revision_requests"] as? [Any])?.isEmpty == true)
        }
    }

    @Test func aMissingMustCostsCompleteness() {
        let review = Self.review(Self.replacing("R3: The plan must", with: "It must"))
        #expect(Self.met(review)["R3"] == "no")
        #expect(Self.scores(review)["completeness"] == 4)
        #expect((5..<7).contains(MiniFleet.score(review)))
        let requests = review["revision_requests"] as? [[String: String]] ?? []
        #expect(requests.contains { $0["text"]?.hasPrefix("Answer R3: The plan must stay") == true })
    }

    @Test func anIgnoredOrContradictedDependencyCostsAccuracy() {
        let ignored = Self.review(Self.replacing("The market grows in two of three regions.", with: "Nothing."))
        #expect(Self.scores(ignored)["accuracy"] == 3.5)
        let contradicted = Self.review(Self.replacing("### Basis", with: "This contradicts s1.\n\n### Basis"))
        #expect(Self.scores(contradicted)["accuracy"] == 3.5)
        #expect((5..<7).contains(MiniFleet.score(contradicted)))
    }

    @Test func aJudgeWithoutRequirementsIsUncertainAndLow() {
        let review = Self.review(Self.whole.without("requirements"))
        #expect(review["certainty"] as? Double == 0.2)
        #expect(MiniFleet.score(review) <= 5)
        #expect(Set(Self.met(review).keys) == ["R2", "R3"])
        #expect((review["feedback"] as? String)?.contains("Cannot see the requirements") == true)
    }

    @Test func constraintsRevisionsAndRequestsThatAreIgnoredAreFound() {
        for (text, other) in [
            ("Stay below EUR 100,000", "Whatever"), (Material.wish, "Nothing"), ("Q2: State the basis", "Q9: Nothing"),
        ] {
            let review = Self.review(Self.replacing(text, with: other))
            #expect((5..<7).contains(MiniFleet.score(review)), "\(text)")
            #expect((review["revision_requests"] as? [Any])?.isEmpty == false)
        }
        let unmet = Self.review(Self.replacing("Q2: State the basis", with: "Q9: Nothing"))
        #expect(Self.met(unmet, "request_checks") == ["Q1": "yes", "Q2": "no"])
    }

    @Test func workThatANeighbourDoesIsAWeakness() {
        let review = Self.review(Self.replacing("Left to s3", with: "Also done"))
        let texts = (review["weaknesses"] as? [[String: String]] ?? []).compactMap { $0["text"] }
        #expect(texts.contains { $0.contains("s3 may be done twice") })
        #expect((Self.scores(review)["relevance"] ?? 10) <= 6)
    }

    @Test func aRequestForAnotherApproachIsNotMetByTheSameOne() {
        let approach = Approach.named(in: Passage(Material.solution["content"] as? String ?? "")) ?? "none"
        let other = Approach.all.first { $0 != approach } ?? ""
        for (rejected, expected) in [(approach, "partly"), (other, "yes")] {
            let request = "Work it out by another approach than the \(rejected)."
            var solution = Material.solution
            solution["content"] = (solution["content"] as? String ?? "") + "\nQ1: \(request) done"
            let feedback = Section("feedback", body: Section("request", ["id": "Q1"], request).text)
            let sections = Self.whole.without("solution").without("feedback") + [feedback, Material.subject(solution)]
            #expect(Self.met(Self.review(sections), "request_checks")["Q1"] == expected)
        }
    }

    @Test func smallObjectionsMeetFirstVersionsOnly() {
        let without = Self.whole.without("feedback").without("solution")
        var solution = Material.solution
        let content = (solution["content"] as? String ?? "").replacing("### Changes in this version", with: "### Other")
        var counts = (refused: 0, rejected: 0)
        for number in 0..<1500 {
            solution["content"] = content
            solution["key_findings"] = ["Finding \(number)."]
            let first = MiniFleet.score(Self.review(without + [Material.subject(solution, version: 1)]))
            counts.refused += first < 7 && first >= 5 ? 1 : 0
            counts.rejected += first < 5 ? 1 : 0
            guard number < 300 else { continue }
            #expect(MiniFleet.score(Self.review(without + [Material.subject(solution, version: 2)])) >= 7)
        }
        #expect((45...110).contains(counts.refused), "\(counts)")
        #expect((22...72).contains(counts.rejected), "\(counts)")
    }

    @Test func drawnVerdictsComeAtTheOldRates() {
        var counts = (revise: 0, reject: 0)
        var solution: [String: Any] = ["content": "Anything.", "covers": [[String: Any]]()]
        for number in 0..<3000 {
            solution["key_findings"] = ["Finding \(number)."]
            let sections = [Material.taskSection, Material.requirements([1, 2]), Material.subtask(covers: "R1 R2")]
            let review = Self.review(sections + [Material.subject(solution, version: 1)], mode: .hash)
            #expect(Self.met(review) == ["R1": "yes", "R2": "yes"])
            let score = MiniFleet.score(review)
            counts.revise += score < 7 && score >= 5 ? 1 : 0
            counts.reject += score < 5 ? 1 : 0
            #expect((review["revision_requests"] as? [Any])?.isEmpty == (score >= 7))
        }
        #expect((380...520).contains(counts.revise), "\(counts)")
        #expect((60...125).contains(counts.reject), "\(counts)")
    }
}
