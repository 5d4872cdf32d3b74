import FleetCore
import FleetTesting
import JSON
import Testing

/// The workflow's rules about reviews, one after another, in the words of `docs/how-it-works.md`.
@Suite struct WorkflowReviewTests {
    private var answers = ScriptedAnswers()

    /// A task whose steps are answered by `change` where it gives something, else well.
    private func run(
        _ harness: inout WorkflowHarness, seed: UInt64 = 3,
        _ change: (NewStep, JSONValue) -> (StepState, JSONValue?, String)? = { _, _ in nil }
    ) {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<500 {
            while harness.advance() {}
            guard let step = harness.openSteps.first else { return }
            let usual = answers.answer(step.kind, using: &generator)
            let (state, output, error) = change(step, usual) ?? (.succeeded, usual, "")
            harness.settle(step.id, state, output: output, error: error)
        }
    }

    private func changed(_ answer: JSONValue, _ key: String, _ value: JSONValue) -> (StepState, JSONValue?, String) {
        var object = answer.object ?? JSONObject()
        object[key] = value
        return (.succeeded, .object(object), "")
    }

    private static let unmet: JSONValue = [
        ["id": "R1", "met": "no", "place": "Nowhere"], ["id": "R2", "met": "yes", "place": "Section 1"],
    ]

    @Test func aReviewThatFindsAnUnmetMustNeverEndsAsApprovedWithoutALimitation() {
        for seed in 1...40 as ClosedRange<UInt64> {
            var harness = WorkflowHarness()
            run(&harness, seed: seed) { step, answer in
                step.kind == .solutionReview ? changed(answer, "requirement_checks", Self.unmet) : nil
            }
            #expect(harness.violations == [])
            #expect(harness.snapshot.task.state == .completed)
            for subtask in harness.snapshot.subtasks {
                #expect(subtask.isPartial && subtask.cycle == 2)
                #expect(subtask.failure?.contains("not met: R1 (One.)") == true, "\(subtask.failure ?? "")")
            }
            #expect(harness.finals.last?.isPartial == true)
            #expect(harness.snapshot.task.limitations.count == harness.snapshot.subtasks.count)
        }
    }

    @Test func anAnswerWithAnUnmetMustIsSentBackAndThenSaysSo() {
        var harness = WorkflowHarness()
        run(&harness) { step, answer in
            guard step.kind == .finalReview else { return nil }
            var object = answer.object ?? JSONObject()
            object["approved"] = true
            object["revision_requests"] = []
            return changed(.object(object), "requirement_checks", Self.unmet)
        }
        #expect(harness.created.count { $0.kind == .synthesis } == 3)
        // Each version is shown what the one before lacked.
        let revisions = harness.created.filter { $0.kind == .synthesis }.dropFirst()
        #expect(revisions.allSatisfy { $0.input.reviewStepID != nil && $0.input.synthesisStepID != nil })
        #expect(harness.snapshot.task.limitations.last?.hasPrefix("The final review still asks for: Meet R1") == true)
        #expect(harness.finals.last?.isPartial == true)
    }

    @Test func anUnmetMustThatTheAnswerAdmitsIsALimitationOfTheTask() {
        var harness = WorkflowHarness()
        run(&harness) { step, answer in
            guard step.kind == .finalReview else { return nil }
            var object = answer.object ?? JSONObject()
            object["limitation_checks"] = [["part": "R1", "stated": true]]
            return changed(.object(object), "requirement_checks", Self.unmet)
        }
        #expect(harness.created.count { $0.kind == .synthesis } == 1)
        #expect(harness.snapshot.task.limitations == ["The answer does not meet R1 (One.), and says so."])
    }

    /// Once, and it costs no cycle.
    @Test func aSolutionTooLongToBeReviewedIsAskedForShorter() throws {
        var harness = WorkflowHarness()
        var refused: [String: Int] = [:]
        run(&harness) { step, _ in
            guard step.kind == .solutionReview, let id = step.subtaskID, refused[id, default: 0] < 2 else { return nil }
            refused[id, default: 0] += 1
            return (.failed, nil, "prompt_too_large: section <solution> takes 30000 tokens and must not be cut")
        }
        for subtask in harness.snapshot.subtasks {
            let executions = harness.created.filter { $0.kind == .subtaskExecution && $0.subtaskID == subtask.id }
            #expect(executions.map(\.input.wantsShorter) == [false, true])
            #expect(executions[1].input.subjectStepID == executions[0].id)
            #expect(subtask.cycle == 0 && subtask.isPartial)
            #expect(subtask.failure?.hasPrefix("it could not be reviewed: prompt_too_large") == true)
        }
        // Any other failure of a review asks for nothing.
        var other = WorkflowHarness()
        run(&other) { step, _ in step.kind == .solutionReview ? (.failed, nil, "refused: no") : nil }
        #expect(other.created.filter(\.input.wantsShorter).isEmpty)
    }

    @Test func aReplacementBeginsItsOwnLineOfVersions() throws {
        var harness = WorkflowHarness()
        var isRejected = false
        run(&harness) { step, answer in
            guard step.kind == .solutionReview, !isRejected else { return nil }
            isRejected = true
            let low: JSONValue = ["completeness": 2, "accuracy": 2, "relevance": 2, "quality": 2]
            return changed(answer, "scores", low)
        }
        let replacement = try #require(harness.created.first { $0.input.rejectedStepID != nil })
        #expect(replacement.input.subjectStepID == nil && replacement.input.reviewStepIDs == [])
        #expect(replacement.input.reviewStepID != nil)
        let subtask = try #require(harness.snapshot.subtasks.first { $0.id == replacement.subtaskID })
        #expect(subtask.version == 1 && subtask.specialist == replacement.agentType)
        // The requests were another specialist's to meet.
        let review = try #require(
            harness.created.last { $0.kind == .solutionReview && $0.subtaskID == subtask.id })
        #expect(review.input.reviewStepID == nil)
    }

    /// Any `must` could be dropped by giving a reason: then the task says so.
    @Test func aRequirementThatNoPartServesIsAStatedLimitation() throws {
        var harness = WorkflowHarness()
        run(&harness) { step, answer in
            guard step.kind == .taskDecomposition, let subtasks = answer["subtasks"]?.array else { return nil }
            let others = subtasks.map { subtask -> JSONValue in
                var object = subtask.object ?? JSONObject()
                object["covers"] = ["R2"]
                object["assigned_specialist"] = .string(step.input.specialists[0].type)
                return .object(object)
            }
            var plan = answer.object ?? JSONObject()
            plan["uncovered"] = [["requirement": "R1", "reason": "Nobody measures it."]]
            return changed(.object(plan), "subtasks", .array(others))
        }
        let said = "R1 (One.): no part of the plan serves it: Nobody measures it."
        #expect(harness.snapshot.task.limitations.contains(said))
        for kind in [StepKind.coordination, .synthesis, .finalReview] {
            #expect(try #require(harness.created.first { $0.kind == kind }).input.missing["R1"] == said)
        }
    }

    /// From the best version, with what was wrong with it.
    @Test func aPartBelowTheBarGoesOnFromItsBestVersionWhenItIsRetried() throws {
        var harness = WorkflowHarness()
        var given = 0
        run(&harness) { step, answer in
            guard step.kind == .solutionReview else { return nil }
            // The best is the first of three.
            given = step.input.subjectVersion == 1 ? 6 : 5
            let score = JSONValue.integer(given)
            return changed(
                answer, "scores", ["completeness": score, "accuracy": score, "relevance": score, "quality": score])
        }
        let before = try #require(harness.snapshot.subtasks.first { $0.dependencies.isEmpty })
        #expect(before.isPartial && before.bestSolutionStepID != before.latestSolutionStepID)
        let count = harness.created.count
        harness.request(.retry)
        run(&harness)
        let retried = try #require(harness.created[count...].first { $0.subtaskID == before.id })
        #expect(retried.input.subjectStepID == before.bestSolutionStepID)
        #expect(retried.input.reviewStepID == before.bestReviewStepID && before.bestReviewStepID != nil)
        #expect(harness.snapshot.task.limitations == [])
    }

    /// What was asked for is not thrown away because nobody could look at it.
    @Test func aRevisedPartThatCannotBeReviewedCounts() throws {
        var harness = WorkflowHarness()
        run(&harness)
        let before = harness.snapshot.subtasks.map(\.bestSolutionStepID)
        harness.request(.revise(ActiveRevision(id: "rev_1", request: "More.", scope: nil)))
        run(&harness) { step, answer in
            switch step.kind {
            case .revisionScoping:
                changed(
                    ["rationale": "So.", "new_requirements": [], "subtasks": ["s1"]], "scope", "specific_subtasks")
            case .solutionReview: (.failed, nil, "refused: no")
            default: nil
            }
        }
        let after = try #require(harness.snapshot.subtasks.first { $0.key == "s1" })
        #expect(after.isPartial && !before.contains(after.bestSolutionStepID))
        #expect(after.bestSolutionStepID == after.latestSolutionStepID)
    }

    @Test func whatARevisionAsksForIsShownToEveryStepOfItAndReviewed() throws {
        var harness = WorkflowHarness()
        run(&harness)
        harness.request(.revise(ActiveRevision(id: "rev_1", request: "Show the risks.")))
        let before = harness.created.count
        run(&harness) { step, answer in
            guard step.kind == .revisionScoping else { return nil }
            return (
                .succeeded,
                [
                    "rationale": "One part.", "scope": "specific_subtasks", "subtasks": ["s1"],
                    "new_requirements": [["id": "R3", "text": "The risks.", "level": "must", "check": ""]],
                ], ""
            )
        }
        let steps = harness.created[before...].filter { $0.kind != .revisionScoping }
        #expect(!steps.isEmpty)
        #expect(steps.allSatisfy { $0.input.addedRequirements.map(\.text) == ["The risks."] })
        #expect(steps.allSatisfy { $0.input.analysisStepID != nil })
        #expect(try #require(steps.first { $0.kind == .coordination }).input.previousCoordinationStepID != nil)
    }
}
