import Catalogues
import FleetCore
import FleetTesting
import Providers
import RepositoryFixtures
import Testing

@testable import Execution

/// Whether answers are worth their money, judged by what their texts deliver.
@Suite struct AnswerQualityTests {
    let catalogue: AgentCatalogue
    let models: ModelCatalogue
    let backlog: [BacklogTask]

    init() throws {
        let catalogues = try RepositoryFiles.catalogues()
        (catalogue, models) = (catalogues.agents, catalogues.models)
        backlog = try BacklogTask.all()
    }

    private func finished(
        _ tasks: Range<Int>, _ catalogue: AgentCatalogue, seed: UInt64 = 1
    ) async throws -> [AnsweredTask] {
        var answered: [AnsweredTask] = []
        for index in tasks {
            var task = try AnsweredTask(
                backlog[index % backlog.count], catalogue: catalogue, models: models,
                caller: TwinCaller(models: models, seed: seed &+ UInt64(index)))
            await task.work()
            answered.append(task)
        }
        return answered
    }

    @Test func finishedTasksDeliverWhatWasAskedOrSayWhatIsMissing() async throws {
        let tasks = try await finished(0..<82, catalogue)
        for task in tasks {
            #expect(task.harness.violations == [])
            #expect(task.failed == [])
            #expect(task.invalid == 0)
        }
        let honest = tasks.count(where: \.truth.isHonest)
        #expect(Double(honest) >= 0.97 * Double(tasks.count), "\(honest) of \(tasks.count)")
        // A specialist drops a requirement now and then: who reviews it sees what was asked.
        let faults = tasks.flatMap(\.droppedRequirements)
        let caught = faults.count(where: \.isCaught)
        #expect(faults.count > 20)
        #expect(Double(caught) >= 0.95 * Double(faults.count), "\(caught) of \(faults.count)")
    }

    /// The measure is worth something: with the inputs that steps had before there was a manifest it is far lower.
    @Test func withoutTheRequirementsAnswersAreWorse() async throws {
        var inputs = catalogue.inputs
        for (kind, tags) in Self.addedByTheManifest { for tag in tags { inputs = inputs.removing(tag, from: kind) } }
        let before = AgentCatalogue(agents: catalogue.agents, schemas: catalogue.schemas, inputs: inputs)
        let tasks = try await finished(0..<20, before)
        let good = tasks.count { $0.truth.isHonest && $0.harness.snapshot.task.limitations.isEmpty }
        #expect(Double(good) <= 0.6 * Double(tasks.count), "\(good) of \(tasks.count)")
    }

    private static let addedByTheManifest: [StepKind: [String]] = [
        .subtaskExecution: ["constraints", "plan_outline", "requirements", "attempts", "rejected_solution"],
        .solutionReview: ["requirements", "constraints", "plan_outline", "dependency", "feedback"],
        .coordination: ["analysis", "partial", "previous_aggregation"],
        .synthesis: ["analysis", "partial", "must_state", "solution"],
        .finalReview: ["analysis", "aggregation", "missing", "partial", "must_state", "feedback"],
        .revisionScoping: ["analysis", "earlier_revisions"],
    ]
}
