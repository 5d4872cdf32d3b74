import Catalogues
import FleetCore
import FleetTesting
import JSON
import RepositoryFixtures
import Testing

@testable import Execution

/// Answers that satisfy their schema and are no answers.
@Suite struct AnswerCheckTests {
    private let run: RealisticRun
    private let reader: AnswerReader

    init() throws {
        let catalogue = try RepositoryFiles.catalogues().agents
        run = RealisticRun(catalogue: catalogue)
        reader = try AnswerReader(catalogue: catalogue)
    }

    private func problems(
        _ kind: StepKind, _ change: (inout JSONObject) -> Void = { _ in }
    ) throws -> [String] {
        let step = try #require(run.steps.first { $0.kind == kind && run.harness.answers[$0.stepID] != nil })
        var answer = try #require(run.harness.answers[step.stepID]?.object)
        change(&answer)
        switch reader.read(JSONValue.object(answer).serialized(), for: step) {
        case .valid: return []
        case .invalid(let problems): return problems
        }
    }

    @Test(arguments: StepKind.allCases) func theAnswersOfTheRunAreValid(kind: StepKind) throws {
        #expect(try problems(kind) == [])
    }

    /// 85 of 10 is a percentage, and -1 and 1e400 are nothing.
    @Test(arguments: ["85", "-1", "10.01", "1e400"]) func aReviewerWithScoresOutOfRangeDecidesNothing(score: String)
        throws
    {
        let number = try JSONValue(parsing: score)
        for name in ["completeness", "accuracy", "relevance", "quality"] {
            let found = try problems(.solutionReview) { answer in
                var scores = answer["scores"]?.object ?? JSONObject()
                scores[name] = number
                answer["scores"] = .object(scores)
            }
            #expect(!found.isEmpty)
            #expect(score == "1e400" || found == ["/scores/\(name): is \(score), expected a number from 0 to 10"])
        }
    }

    /// No JSON knows NaN: the whole answer is unreadable, whatever else it says.
    @Test(arguments: ["NaN", "Infinity", "-nan"]) func whatIsNoNumberIsNoAnswer(text: String) throws {
        let step = try #require(run.steps.first { $0.kind == .solutionReview })
        let answer = try #require(run.harness.answers[step.stepID]).serialized()
        let wrong = answer.replacing(try Regex(#""accuracy":[0-9.]+"#), with: "\"accuracy\":\(text)")
        #expect(wrong != answer)
        guard case .invalid = reader.read(wrong, for: step) else {
            Issue.record("\(text) was read")
            return
        }
    }

    @Test(arguments: [StepKind.subtaskExecution, .solutionReview, .coordination, .synthesis])
    func probabilitiesAreFrom0To1WhereverTheyStand(kind: StepKind) throws {
        for (value, isValid) in [(0.0, true), (1.0, true), (1.01, false), (-0.01, false), (80, false)] {
            let found = try problems(kind) { answer in
                switch kind {
                case .subtaskExecution: answer["confidence"] = .double(value)
                case .solutionReview: answer["certainty"] = .double(value)
                case .synthesis: answer["overall_confidence"] = .double(value)
                default:
                    var findings = answer["structured_findings"]?.array ?? []
                    var first = findings[0].object ?? JSONObject()
                    first["confidence"] = .double(value)
                    findings[0] = .object(first)
                    answer["structured_findings"] = .array(findings)
                }
            }
            #expect(found.isEmpty == isValid, "\(value)")
        }
    }

    @Test func anAnalysisNumbersItsRequirements() throws {
        func requirement(_ id: String, _ text: String = "It.") -> JSONValue {
            ["id": .string(id), "text": .string(text), "level": "must", "check": "So."]
        }
        for entries in [
            [], [requirement("R2")], [requirement("R1"), requirement("R1")], [requirement("R1", " ")],
            (1...21).map { requirement("R\($0)") },
        ] {
            #expect(try !problems(.taskAnalysis) { $0["requirements"] = .array(entries) }.isEmpty)
        }
        #expect(
            try problems(.taskAnalysis) { $0["requirements"] = .array((1...20).map { requirement("R\($0)") }) } == [])
    }

    @Test func aSolutionSpeaksOfRequirementsThatItWasShown() throws {
        let strange: JSONValue = [["requirement": "R7", "where": "Result", "complete": true]]
        #expect(try problems(.subtaskExecution) { $0["covers"] = strange }.first?.contains("'R7' is none of") == true)
        #expect(try !problems(.subtaskExecution) { $0["key_findings"] = [] }.isEmpty)
        #expect(try !problems(.subtaskExecution) { $0["content"] = " \n" }.isEmpty)
    }

    @Test func aReviewLooksAtEveryRequirementOfItsSubtask() throws {
        let found = try problems(.solutionReview) { $0["requirement_checks"] = [] }
        #expect(found.contains { $0.hasPrefix("/requirement_checks: an entry for R") })
    }

    @Test func anAnswerNamesEveryMustAndStatesWhatIsOpen() throws {
        #expect(try problems(.synthesis) { $0["requirement_answers"] = [] }.count == 3)
        func answers(_ status: String) -> JSONValue {
            .array((1...4).map { ["id": .string("R\($0)"), "section": "Result", "status": .string(status)] })
        }
        let found = try problems(.synthesis) { answer in
            answer["requirement_answers"] = answers("partly")
            answer["limitations"] = []
        }
        #expect(found.first?.hasPrefix("/limitations: is empty") == true)
        #expect(try problems(.synthesis) { $0["requirement_answers"] = answers("open") } == [])
    }

    @Test func aFinalReviewChecksEveryMustAndSaysWhatToChange() throws {
        #expect(try problems(.finalReview) { $0["requirement_checks"] = [] }.count == 3)
        let silent = try problems(.finalReview) { answer in
            answer["approved"] = false
            answer["revision_requests"] = []
        }
        #expect(silent == ["/revision_requests: is empty, although the answer is not approved"])
    }
}
