import FleetCore
import FleetMetrics
import FleetTesting
import Logging
import Synchronization
import Testing

@testable import Execution

/// A worker that is let go finishes its calls, one that has to stop hands them back.
@Suite(.timeLimit(.minutes(1))) struct PatientDrainTests {
    private final class OneTicket: TicketSource {
        let tickets: AsyncStream<[ReceivedTicket]>
        private let feed: AsyncStream<[ReceivedTicket]>.Continuation

        init() {
            (tickets, feed) = AsyncStream.makeStream()
            feed.yield([
                ReceivedTicket(
                    delivery: DeliveryID(generation: 1, tag: 1), queue: "agent.data_scientist",
                    body: Array(#"{"step_id":7}"#.utf8), isRedelivered: false)
            ])
        }

        func setConsuming(_ demand: TicketDemand) async {}
        func acknowledge(_ deliveries: [DeliveryID]) {}
        func requeue(_ deliveries: [DeliveryID]) {}
        func reject(_ deliveries: [DeliveryID]) {}
    }

    private final class OneStep: StepStore {
        let settled = Mutex<[Settlement]>([])

        func register(name: String, agentTypes: [String], slots: Int) async throws(StoreFailure) -> Int { 1 }
        func heartbeat(worker: Int, _ report: WorkerReport) async throws(StoreFailure) -> Heartbeat {
            Heartbeat(cancelledSteps: [], limits: [])
        }
        func claim(_ requests: [ClaimRequest], worker: Int, deadAfter: Duration) async throws(StoreFailure)
            -> [ClaimResult]
        {
            requests.map { .claimed(SampleStep.execution(stepID: $0.stepID)) }
        }
        func giveBack(_ stepIDs: [Int], worker: Int, claimedBefore: Int) async throws(StoreFailure) {}
        func note(_ waits: [LimitWaitNote], worker: Int) async throws(StoreFailure) -> [Bool] {
            waits.map { _ in true }
        }
        func settle(_ settlements: [Settlement], worker: Int) async throws(StoreFailure) -> [SettlementResult] {
            settled.withLock { $0 += settlements }
            return settlements.map { _ in .applied }
        }
        func retire(worker: Int) async throws(StoreFailure) {}
    }

    /// Says when it is called, and answers when it is told to, unless it is cancelled.
    private final class SlowModel: ModelCaller {
        let called: AsyncStream<Void>
        private let isCalled: AsyncStream<Void>.Continuation
        private let released: AsyncStream<Void>
        private let release: AsyncStream<Void>.Continuation

        init() {
            (called, isCalled) = AsyncStream.makeStream()
            (released, release) = AsyncStream.makeStream()
        }

        func answer() { release.yield() }

        func call(_ request: ModelRequest) async throws(ModelFailure) -> ModelReply {
            isCalled.yield()
            // The stream ends for a task that is cancelled.
            for await _ in released {
                return ModelReply(
                    text: SampleStep.answer,
                    usage: ReportedUsage(TokenUsage(uncachedInputTokens: 10, outputTokens: 5)))
            }
            throw ModelFailure(.cancelled, message: "cancelled")
        }
    }

    /// Drains while a call is in flight; `isPatient` is asked with the number of times it was asked before.
    private func drain(_ isPatient: @escaping @Sendable (Int, SlowModel) -> Bool) async throws -> Settlement {
        let (store, model) = (OneStep(), SlowModel())
        let worker = try Worker(
            configuration: Worker.Configuration(name: "w", agentTypes: ["data_scientist"], drainTimeout: .zero),
            catalogue: TestCatalogue.agents, models: [TestCatalogue.model], store: store, source: OneTicket(),
            scheduler: NoScheduler(), caller: model, limiter: Grants(), credentials: [:],
            metrics: .none, today: { "2026-11-22" }, logger: Logger(label: "test"))
        let asked = Mutex(0)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await worker.run() }
            for await _ in model.called { break }
            await worker.drain(isPatient: {
                isPatient(
                    asked.withLock { count in
                        defer { count += 1 }; return count
                    }, model)
            })
            try await group.waitForAll()
        }
        return try #require(store.settled.withLock { $0.first })
    }

    @Test func aPatientDrainCutsNoCall() async throws {
        let settlement = try await drain { asked, model in
            if asked == 5 { model.answer() }
            return true
        }
        guard case .succeeded = settlement.outcome else {
            Issue.record("\(settlement.outcome)")
            return
        }
        #expect(settlement.calls.map(\.outcome) == ["succeeded"])
    }

    @Test func whoLosesPatienceHandsTheStepBack() async throws {
        let settlement = try await drain { asked, _ in asked < 5 }
        guard case .handedBack = settlement.outcome else {
            Issue.record("\(settlement.outcome)")
            return
        }
    }
}
