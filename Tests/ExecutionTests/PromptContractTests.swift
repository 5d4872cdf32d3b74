import Catalogues
import FleetCore
import FleetTesting
import RepositoryFixtures
import Testing

@testable import Execution

/// What each kind of step is shown, in a realistic run with the repository's own catalogues.
@Suite struct PromptContractTests {
    private struct Case {
        var step: ClaimedStep
        var prompt: Prompt
        var text: PromptText
    }

    private let catalogue: AgentCatalogue
    private let run: RealisticRun
    private let cases: [Case]

    init() throws {
        catalogue = try RepositoryFiles.catalogues().agents
        run = RealisticRun(catalogue: catalogue)
        let builder = PromptBuilder(catalogue: catalogue)
        cases = try run.steps.map { step in
            let prompt = try builder.prompt(
                builder.drafts(for: step), kind: step.kind, window: 900_000, fixed: 6000, ratio: 1.1)
            return Case(step: step, prompt: prompt, text: PromptText(prompt.blocks.joined(separator: "\n")))
        }
    }

    private func cases(_ kind: StepKind) -> [Case] { cases.filter { $0.step.kind == kind } }

    @Test func theRunIsRealistic() {
        #expect(run.harness.violations == [])
        #expect(run.harness.snapshot.task.state == .completed)
        #expect(run.harness.finals.count == 4)
        #expect(Set(run.steps.map(\.kind)) == Set(StepKind.allCases))
    }

    @Test(arguments: StepKind.allCases) func everySectionOfTheManifestIsShown(kind: StepKind) throws {
        let sections = try #require(catalogue.inputs[kind]).sections
        let cases = cases(kind)
        for section in sections {
            let holding = cases.filter { section.need.holds(for: $0.step) }
            for found in holding { #expect(!found.text[section.tag].isEmpty, "\(section.tag)") }
            // Each section is there in some step of the run, with something in it.
            let shown = cases.flatMap { $0.text[section.tag] }
            #expect(!shown.isEmpty, "\(section.tag) is never shown")
            #expect(shown.allSatisfy { !$0.inner.isEmpty || !$0.attributes.isEmpty }, "\(section.tag) is empty")
        }
    }

    @Test(arguments: StepKind.allCases) func nothingElseIsShownAndTheOrderIsTheManifests(kind: StepKind) throws {
        let entry = try #require(catalogue.inputs[kind])
        for found in cases(kind) {
            let expected = entry.sections.map(\.tag).filter { found.text.tags.contains($0) }
            #expect(found.text.tags == expected)
            let size = found.prompt.blocks.reduce(6000) { $0 + $1.utf8.count }
            #expect(Double(size) / 4 * 1.1 <= Double(entry.cap))
            #expect(found.prompt.cuts.isEmpty)
        }
    }

    /// An attribute without a value would name nothing.
    @Test func noAttributeIsEmpty() {
        for found in cases {
            for element in found.text.elements { #expect(!element.attributes.contains("=\"\""), "\(element)") }
        }
    }

    @Test(arguments: [StepKind.solutionReview, .synthesis, .finalReview, .coordination, .revisionScoping])
    func theTextsOfAllRequirementsStandInPromptsThatJudgeOrWrite(kind: StepKind) {
        for found in cases(kind) {
            for text in RealisticRun.requirements { #expect(found.text.elements.contains { $0.inner.contains(text) }) }
            let isLater = !found.step.input.addedRequirements.isEmpty
            #expect(found.text.elements.contains { $0.inner.contains(RealisticRun.added) } == isLater)
        }
        #expect(kind == .revisionScoping || cases(kind).contains { !$0.step.input.addedRequirements.isEmpty })
    }

    @Test func aSpecialistSeesTheRequirementsOfItsPartOnly() throws {
        for found in cases(.subtaskExecution) where found.step.input.addedRequirements.isEmpty {
            let key = try #require(found.step.material.subtasks.first { $0.id == found.step.subtaskID }).key
            let requirements = try #require(found.text["requirements"].first).inner
            let expected = ["s1": [1], "s2": [2], "s3": [3], "s4": [4], "s5": [3, 4]][key] ?? []
            for id in 1...4 { #expect(requirements.contains("id=\"R\(id)\"") == expected.contains(id), "\(key)") }
        }
    }

    /// The reviewer follows claims back to what the specialist was given: the same bytes.
    @Test func aReviewSeesTheDependenciesThatTheSpecialistGot() throws {
        var checked = 0
        for review in cases(.solutionReview) where !review.step.input.dependencyStepIDs.isEmpty {
            let execution = try #require(
                cases(.subtaskExecution).last { $0.step.stepID == review.step.input.subjectStepID })
            #expect(execution.text["dependency"] == review.text["dependency"])
            checked += 1
        }
        #expect(checked >= 3)
    }

    @Test func aReviewerSeesNeitherTheAuthorNorItsConfidence() throws {
        for review in cases(.solutionReview) {
            for tag in ["solution", "subtask", "plan_outline"] {
                let element = try #require(review.text[tag].first)
                #expect(!element.attributes.contains("specialist") && !element.inner.contains("specialist="))
            }
            #expect(!review.text.elements.contains { $0.inner.contains("confidence") })
        }
    }

    @Test func aReplacementBeginsAnewAndSeesWhatWasRejected() throws {
        let replacement = try #require(cases(.subtaskExecution).first { $0.step.input.rejectedStepID != nil })
        #expect(replacement.text["solution"].isEmpty && replacement.text["attempts"].isEmpty)
        #expect(try #require(replacement.text["rejected_solution"].first).inner.contains("<finding>Finding of s3"))
        #expect(try #require(replacement.text["feedback"].first).inner.contains("Give the basis."))
    }

    @Test func aSecondRevisionSeesEveryEarlierAttempt() throws {
        let third = try #require(cases(.subtaskExecution).first { $0.step.input.reviewStepIDs.count == 2 })
        let attempts = try #require(third.text["attempts"].first).inner
        #expect(attempts.contains("<attempt version=\"1\" total=\"6\"") && attempts.contains("version=\"2\""))
    }

    @Test func whatStayedBelowTheBarIsSaidWithItsWeaknesses() throws {
        for kind in [StepKind.coordination, .synthesis, .finalReview] {
            let first = try #require(cases(kind).first)
            let partial = try #require(first.text["partial"].first)
            #expect(partial.attributes.contains("s2") && partial.inner.contains("severity=\"major\""))
            #expect(first.text["missing"].contains { $0.attributes.contains("s5") })
        }
    }

    /// Equal material gives equal bytes: caches, reuse and replay rest on it.
    @Test func aPromptIsTheSameEachTime() throws {
        let builder = PromptBuilder(catalogue: catalogue)
        for found in cases {
            let again = try builder.prompt(
                builder.drafts(for: found.step), kind: found.step.kind, window: 900_000, fixed: 6000, ratio: 1.1)
            #expect(again == found.prompt)
        }
    }

    /// A text that is gone is found before anything is spent.
    @Test func aStepWhoseTextsAreGoneIsNotAsked() throws {
        let builder = PromptBuilder(catalogue: catalogue)
        var checked = 0
        for found in cases {
            let ids = Set(found.step.input.referencedStepIDs)
            for id in ids {
                var step = found.step
                step.material.solutions[id] = nil
                step.material.results[id] = nil
                let isEssential = [step.input.subjectStepID, step.input.analysisStepID, step.input.coordinationStepID]
                    .contains(id)
                guard isEssential else { continue }
                let problem = #expect(throws: PromptProblem.self) { try builder.drafts(for: step) }
                #expect(problem?.description.hasPrefix("input_missing: ") == true)
                checked += 1
            }
        }
        #expect(checked > 30)
    }

    @Test func promptFilesAndManifestNameEachOther() {
        for agent in catalogue.agents {
            for (kind, prompt) in agent.prompts {
                #expect(catalogue.inputs.disagreements(with: prompt, for: kind) == [])
                let tag = catalogue.inputs[kind]?.sections.last?.tag ?? ""
                let without = catalogue.inputs.removing(tag, from: kind)
                #expect(without.disagreements(with: prompt, for: kind).contains { $0.contains("<\(tag)>") })
                let silent = prompt.replacing("`<\(tag)", with: "`\(tag)")
                #expect(catalogue.inputs.disagreements(with: silent, for: kind).contains { $0.contains("<\(tag)>") })
            }
        }
    }
}
