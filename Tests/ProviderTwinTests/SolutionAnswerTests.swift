import Foundation
import Testing

@testable import ProviderTwin

/// What a specialist writes, and which faults it makes.
struct SolutionAnswerTests {
    private static let base = [
        Material.taskSection, Material.constraints, Material.outline, Material.requirements([1, 2, 3]),
        Material.dependency,
    ]

    private static func subtask(_ number: Int) -> Section {
        Material.subtask(title: "Compare costs of region \(number)", covers: "R1 R2 R3")
    }

    private static func solution(_ sections: [Section], mode: AnswerMode = .inputs) -> [String: Any] {
        Asking.object("subtask_execution", sections, mode: mode)
    }

    private static func content(_ answer: [String: Any]) -> String { answer["content"] as? String ?? "" }

    /// Ids that the text does not answer, and that its `covers` do not claim either.
    private static func lost(_ answer: [String: Any]) -> [String] {
        let content = content(answer)
        let complete = (answer["covers"] as? [[String: Any]] ?? []).filter { $0["complete"] as? Bool == true }
            .compactMap { $0["requirement"] as? String }
        let lost = ["R1", "R2", "R3"].filter { !content.contains("\($0): ") }
        #expect(Set(lost).isDisjoint(with: complete))
        return lost
    }

    /// The number of a subtask whose first version drops a requirement.
    private static let faulty: (number: Int, first: [Section], solution: Section, lost: [String])? = {
        for number in 0..<200 {
            let sections = base + [subtask(number)]
            let answer = solution(sections)
            let lost = lost(answer)
            if lost.isEmpty { continue }
            return (number, sections, Material.own(version: 1, content(answer)), lost)
        }
        return nil
    }()

    private static func asking(for ids: [String]) -> Section {
        let requests = ids.enumerated().map { index, id in
            Section("request", ["id": "Q\(index + 1)"], "Answer \(id): it is missing").text
        }
        return Section("feedback", body: "Something is missing." + requests.joined())
    }

    @Test func solutionsTakeUpEverythingTheyWereGiven() {
        let content = Material.solution["content"] as? String ?? ""
        for sign in [
            "R2: Estimate costs <and> revenue", "R3: The plan must stay", "R5: \(Material.wish)",
            "The market grows in two of three regions.", "Stay below EUR 100,000", "Left to s1", "Left to s3",
            "Q1: Answer R3", "Q2: State the basis", "As the user asked: \(Material.wish)",
        ] {
            #expect(content.contains(sign), "\(sign)")
        }
        #expect(!content.contains("Left to s2"))
    }

    @Test func firstVersionsDropARequirementInTwelveOfAHundred() {
        let dropped = (0..<1000).count { !Self.lost(Self.solution(Self.base + [Self.subtask($0)])).isEmpty }
        #expect((90...150).contains(dropped), "\(dropped)")
        let hashed = (0..<200).count { !Self.lost(Self.solution(Self.base + [Self.subtask($0)], mode: .hash)).isEmpty }
        #expect(hashed == 0)
    }

    @Test func aRevisionThatSeesItsVersionAndTheFeedbackMendsIt() throws {
        let fault = try #require(Self.faulty)
        let answer = Self.solution(fault.first + [fault.solution, Self.asking(for: fault.lost)])
        #expect(Self.lost(answer).isEmpty)
    }

    @Test func aRevisionWithoutTheFeedbackKeepsTheFault() throws {
        let fault = try #require(Self.faulty)
        #expect(Self.lost(Self.solution(fault.first + [fault.solution])) == fault.lost)
    }

    @Test func aRevisionWithoutItsVersionLosesSomethingElse() throws {
        let fault = try #require(Self.faulty)
        let lost = Self.lost(Self.solution(fault.first + [Self.asking(for: fault.lost)]))
        #expect(!lost.isEmpty && Set(lost).isDisjoint(with: fault.lost))
    }

    @Test func aReplacementDoesNotRepeatWhatWasRejected() {
        for number in 0..<30 {
            let sections = Self.base + [Self.subtask(number)]
            let first = Self.solution(sections)
            let findings = first["key_findings"] as? [String] ?? []
            let rejected = Section(
                "rejected_solution", body: "<key_findings>\(Section.items("finding", findings))</key_findings>")
            let feedback = Section("feedback", "Start anew.")
            let second = Self.solution(sections + [rejected, feedback])
            #expect(Set(second["key_findings"] as? [String] ?? []).isDisjoint(with: findings))
            #expect(Self.lost(second).isEmpty)
            // Who does not see it takes the same way again.
            let blind = Self.solution(sections + [feedback])
            #expect((blind["key_findings"] as? [String] ?? []).first == findings.first)
        }
    }

    @Test func whatAttemptsLeftOpenIsMet() {
        let sections = Material.byStage["subtask_execution"] ?? []
        #expect(Self.content(Self.solution(sections)).contains("Name the period"))
        #expect(!Self.content(Self.solution(sections.without("attempts"))).contains("Name the period"))
    }

    @Test func solutionsHaveFourToNineHundredWordsWhateverTheyAreGiven() {
        let long = String(repeating: "Very long words about everything under the sun. ", count: 200)
        let heavy = [
            Section("task", body: Section.items("title", [long]) + Section.items("description", [long])),
            Section("constraints", body: Section.items("constraint", [long, long])), Material.outline,
            Section(
                "requirements",
                body: (1...6).map { "<requirement id=\"R\($0)\" level=\"must\">\(long)</requirement>" }.joined()),
            Material.subtask(title: long, covers: "R1"), Material.feedback,
        ]
        for sections in [heavy, [Material.taskSection], Self.base + [Self.subtask(1)]] {
            for seed: UInt64 in 0..<20 {
                let words = Self.content(Asking.object("subtask_execution", sections, seed: seed))
                    .split(whereSeparator: \.isWhitespace).count
                #expect((400...900).contains(words), "\(words)")
            }
        }
    }

    @Test func aRepairThatAsksForLessIsShorter() {
        let sections = Self.base + [Self.subtask(1)]
        let whole = Self.content(Self.solution(sections))
        let errors = Section("errors", body: Section.items("error", ["the answer stopped at the token limit"]))
        let short = Self.content(Self.solution(sections + [errors]))
        #expect(short.count < whole.count * 2 / 3)
        let invalid = Self.content(Self.solution(sections + [Section("invalid_answer", "{"), errors]))
        #expect(invalid == whole)
    }
}
