import FleetCore
import FleetTesting
import Providers
import Testing

@testable import Execution

/// Whether answers are worth their money, judged by what their texts deliver.
@Suite struct AnswerQualityTests {
    let catalogue: AgentCatalogue
    let models: ModelCatalogue
    let backlog: [BacklogTask]

    init() throws {
        (catalogue, models) = try RepositoryFiles.catalogues()
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
        let complete = tasks.count { $0.harness.snapshot.task.limitations.isEmpty }
        print("honest \(honest), without limitations \(complete), of \(tasks.count)")
        #expect(Double(honest) >= 0.97 * Double(tasks.count))
    }
}
