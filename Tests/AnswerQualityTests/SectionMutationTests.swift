import Catalogues
import FleetCore
import FleetTesting
import Providers
import RepositoryFixtures
import Testing

@testable import Execution

/// Somebody notices each section that is left out: the twin answers from what it sees, and wordings are drawn from what
/// stays. A section whose removal changes no answer would be useless, or nobody would look at it.
@Suite struct SectionMutationTests {
    let catalogue: AgentCatalogue
    let models: ModelCatalogue
    private let steps: [ClaimedStep]

    init() async throws {
        let catalogues = try RepositoryFiles.catalogues()
        (catalogue, models) = (catalogues.agents, catalogues.models)
        let backlog = try BacklogTask.all()
        var steps: [ClaimedStep] = []
        for (index, task) in backlog.prefix(3).enumerated() {
            var answered = try AnsweredTask(
                task, catalogue: catalogue, models: models,
                caller: TwinCaller(models: models, seed: UInt64(index + 1), altering: Misfortunes.alter),
                misfortune: Misfortunes.fails)
            await answered.work()
            for request in ["Show the risks of the recommendation in more detail.", "Make it shorter."] {
                answered.request(.revise(ActiveRevision(id: "rev_\(request.count)", request: request)))
                await answered.work()
            }
            answered.request(.revise(ActiveRevision(id: "rev_3", request: "Start over for France.", scope: .fullTask)))
            await answered.work()
            #expect(answered.harness.violations == [])
            steps += answered.steps
        }
        self.steps = steps
    }

    private func answer(
        _ step: ClaimedStep, _ drafts: [PromptFitter.Draft], noise: String? = nil
    ) throws -> String {
        let builder = PromptBuilder(catalogue: catalogue)
        let prompt = try builder.prompt(drafts, kind: step.kind, window: 900_000, fixed: 6000, ratio: 1.1)
        let agent = try #require(catalogue[step.agentType])
        let request = ModelRequest(
            model: agent.models[0], system: try #require(agent.prompts[step.kind]),
            blocks: prompt.blocks + [noise].compactMap { $0 }, schema: try #require(catalogue.schemas[step.kind]),
            maxOutputTokens: agent.maxOutputTokens, timeout: .seconds(60), idempotencyKey: "k", agentType: agent.type)
        return try TwinCaller(models: models).answer(to: request)
    }

    @Test(arguments: StepKind.allCases) func removingAnySectionIsNoticed(kind: StepKind) throws {
        let builder = PromptBuilder(catalogue: catalogue)
        let asked = steps.filter { $0.kind == kind }
        for section in try #require(catalogue.inputs[kind]).sections {
            var shown = 0
            var noticed = 0
            for step in asked where noticed == 0 {
                let drafts = try builder.drafts(for: step)
                let without = drafts.filter { $0.section.tag != section.tag }
                guard without.count < drafts.count else { continue }
                shown += 1
                if try answer(step, drafts) != answer(step, without) { noticed += 1 }
            }
            #expect(shown > 0, "<\(section.tag)> is never shown")
            #expect(noticed > 0, "nobody misses <\(section.tag)> in \(shown) prompts")
        }
    }

    /// Otherwise the test above would pass for a twin that hashes its prompt.
    @Test(arguments: StepKind.allCases) func whatNobodyReadsChangesNothing(kind: StepKind) throws {
        let builder = PromptBuilder(catalogue: catalogue)
        for step in steps.filter({ $0.kind == kind }).prefix(5) {
            let drafts = try builder.drafts(for: step)
            #expect(try answer(step, drafts) == answer(step, drafts, noise: "<noise>Something else.</noise>"))
        }
    }
}
