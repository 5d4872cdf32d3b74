import FleetCore
import FleetMetrics
import FleetTesting
import FleetTracing
import Logging
import Synchronization
import Testing
import TraceContext
import Tracing

@testable import Execution
@testable import OTLPTracing

/// A worker between ports that a test holds in its hand.
@Suite(.timeLimit(.minutes(1))) struct WorkerTests {
    /// One ticket, and what is acknowledged.
    private final class OneTicket: TicketSource {
        let tickets: AsyncStream<[ReceivedTicket]>
        let acknowledged: AsyncStream<DeliveryID>
        private let feed: AsyncStream<[ReceivedTicket]>.Continuation
        private let done: AsyncStream<DeliveryID>.Continuation

        convenience init(stepID: Int, traceparent: String? = nil) {
            self.init(body: #"{"step_id":\#(stepID)}"#, traceparent: traceparent)
        }

        init(body: String, priority: UInt8 = 0, traceparent: String? = nil) {
            (tickets, feed) = AsyncStream.makeStream()
            (acknowledged, done) = AsyncStream.makeStream()
            feed.yield([
                ReceivedTicket(
                    delivery: DeliveryID(generation: 1, tag: 1), queue: "agent.data_scientist",
                    body: Array(body.utf8), isRedelivered: false, brokerPriority: priority, traceparent: traceparent)
            ])
        }

        func setConsuming(_ demand: TicketDemand) async {}
        func acknowledge(_ deliveries: [DeliveryID]) { for delivery in deliveries { done.yield(delivery) } }
        func requeue(_ deliveries: [DeliveryID]) {}
        func reject(_ deliveries: [DeliveryID]) {}
    }

    /// Has one step, and takes no answer for it.
    private final class RefusingStore: StepStore {
        let settled = Mutex<[Settlement]>([])

        func register(name: String, agentTypes: [String], slots: Int) async throws(StoreFailure) -> Int { 1 }
        func heartbeat(worker: Int, _ report: WorkerReport) async throws(StoreFailure) -> Heartbeat {
            Heartbeat(cancelledSteps: [], limits: [])
        }
        func claim(
            _ requests: [ClaimRequest], worker: Int, deadAfter: Duration
        ) async throws(StoreFailure) -> [ClaimResult] {
            requests.map { .claimed(SampleStep.execution(stepID: $0.stepID)) }
        }
        func giveBack(_ stepIDs: [Int], worker: Int, claimedBefore: Int) async throws(StoreFailure) {}
        func note(_ waits: [LimitWaitNote], worker: Int) async throws(StoreFailure) -> [Bool] {
            waits.map { _ in true }
        }
        func settle(_ settlements: [Settlement], worker: Int) async throws(StoreFailure) -> [SettlementResult] {
            for settlement in settlements {
                if case .succeeded = settlement.outcome { throw StoreFailure(.refusal, "22021") }
            }
            settled.withLock { $0 += settlements }
            return settlements.map { _ in .applied }
        }
        func retire(worker: Int) async throws(StoreFailure) {}
    }

    private struct Answers: ModelCaller {
        func call(_ request: ModelRequest) async throws(ModelFailure) -> ModelReply {
            ModelReply(
                text: SampleStep.answer,
                usage: ReportedUsage(TokenUsage(uncachedInputTokens: 10, outputTokens: 5)))
        }
    }

    private func worker(
        _ store: any StepStore, _ source: OneTicket, spans: WorkerSpans = .none,
        logger: Logger = Logger(label: "test")
    ) throws -> Worker {
        try Worker(
            configuration: Worker.Configuration(name: "w", agentTypes: ["data_scientist"]),
            catalogue: TestCatalogue.agents, models: [TestCatalogue.model], store: store, source: source,
            scheduler: NoScheduler(), caller: Answers(), limiter: Grants(), credentials: [:],
            metrics: .none, spans: spans, today: { "2026-11-22" }, logger: logger)
    }

    /// - Parameter then: waited for before the worker drains.
    private func runUntilAcknowledged(
        _ worker: Worker, _ source: OneTicket, then: () async -> Void = {}
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await worker.run() }
            var acknowledged = source.acknowledged.makeAsyncIterator()
            _ = await acknowledged.next()
            await then()
            await worker.drain()
            try await group.waitForAll()
        }
    }

    /// Trying the same again would keep the step running, and its slot taken, for ever.
    @Test func anAnswerThatTheDatabaseRefusesBecomesADeadLetterAndItsCallIsBooked() async throws {
        let (store, source) = (RefusingStore(), OneTicket(stepID: 7))
        let worker = try worker(store, source)
        try await runUntilAcknowledged(worker, source)
        let settled = store.settled.withLock { $0 }
        #expect(settled.count == 1)
        guard case .dead(let error)? = settled.first?.outcome else {
            Issue.record("\(settled)")
            return
        }
        #expect(error.contains("does not take the outcome"))
        #expect(settled.first?.calls.map(\.outcome) == ["succeeded"])
    }

    /// The outcome as it was written at last; a ticket that says that nothing is recorded is believed.
    @Test func anAttemptIsRecordedAsItWasSettledIfItsTicketWantsIt() async throws {
        for isSampled in [true, false] {
            let trace = TaskTrace(task: "task_1")
            let ticket = TraceParent(traceID: trace.traceID, spanID: trace.root, isSampled: isSampled)
            let source = OneTicket(stepID: 7, traceparent: ticket.description)
            let spans = Mutex<[FinishedSpan]>([])
            let tracer = OTLPTracer(sampler: TraceSampler(ratio: isSampled ? 0 : 1, followsParent: true)) { group in
                spans.withLock { $0 += group }
            }
            let worker = try worker(RefusingStore(), source, spans: WorkerSpans(tracer))
            try await runUntilAcknowledged(worker, source)
            let outcomes = spans.withLock { $0 }.map { $0.attributes.get("mixmyai.step.outcome") }
            #expect(outcomes == (isSampled ? ["dead", nil] : []))
        }
    }

    /// It takes no place, no claim and no call, and is told of with the next heartbeat.
    @Test func aCanaryIsAcknowledgedAtOnceAndToldOf() async throws {
        let canary = Canary(agentType: "data_scientist", number: 4)
        let (store, source) = (ListeningStore(), OneTicket(body: canary.json, priority: Canary.brokerPriority))
        let worker = try worker(store, source)
        try await runUntilAcknowledged(worker, source) {
            for await hearing in store.heard where hearing.canary == 4 { break }
        }
        #expect(store.claims.withLock { $0 } == 0)
    }

    /// Hears what the worker tells of its queue.
    private final class ListeningStore: StepStore {
        let heard: AsyncStream<QueueHearing>
        let claims = Mutex(0)
        private let told: AsyncStream<QueueHearing>.Continuation

        init() { (heard, told) = AsyncStream.makeStream() }

        func register(name: String, agentTypes: [String], slots: Int) async -> Int { 1 }
        func heartbeat(worker: Int, _ report: WorkerReport) async -> Heartbeat {
            if let hearing = report.hearing?["data_scientist"] { told.yield(hearing) }
            return Heartbeat(cancelledSteps: [], limits: [])
        }
        func claim(_ requests: [ClaimRequest], worker: Int, deadAfter: Duration) async -> [ClaimResult] {
            claims.withLock { $0 += requests.count }
            return requests.map { _ in .notClaimable }
        }
        func giveBack(_ stepIDs: [Int], worker: Int, claimedBefore: Int) async {}
        func note(_ waits: [LimitWaitNote], worker: Int) async -> [Bool] { waits.map { _ in true } }
        func settle(_ settlements: [Settlement], worker: Int) async -> [SettlementResult] { [] }
        func retire(worker: Int) async {}
    }

    /// What is no outage and no refusal needs somebody to look: it was tried again without a word.
    @Test func whatTheDatabaseDoesNotTakeForAnotherReasonIsTriedAgainAndToldOf() async throws {
        let (store, source, lines) = (DefectiveStore(), OneTicket(stepID: 7), LoggedErrors())
        let worker = try worker(store, source, logger: lines.logger)
        try await runUntilAcknowledged(worker, source)
        #expect(store.attempts.withLock { $0 } == 2)
        #expect(
            lines.errors == [
                "outcomes cannot be written, will be tried again: defect: 42601",
                "the worker's row could not be ended: outage: gone",
            ])
    }

    /// Takes an answer at the second attempt, and no farewell.
    private final class DefectiveStore: StepStore {
        let attempts = Mutex(0)

        func register(name: String, agentTypes: [String], slots: Int) async -> Int { 1 }
        func heartbeat(worker: Int, _ report: WorkerReport) async -> Heartbeat {
            Heartbeat(cancelledSteps: [], limits: [])
        }
        func claim(_ requests: [ClaimRequest], worker: Int, deadAfter: Duration) async -> [ClaimResult] {
            requests.map { .claimed(SampleStep.execution(stepID: $0.stepID)) }
        }
        func giveBack(_ stepIDs: [Int], worker: Int, claimedBefore: Int) async {}
        func note(_ waits: [LimitWaitNote], worker: Int) async -> [Bool] { waits.map { _ in true } }
        func settle(_ settlements: [Settlement], worker: Int) async throws(StoreFailure) -> [SettlementResult] {
            let attempt = attempts.withLock { attempts in
                attempts += 1
                return attempts
            }
            if attempt == 1 { throw StoreFailure(.defect, "42601") }
            return settlements.map { _ in .applied }
        }
        func retire(worker: Int) async throws(StoreFailure) { throw StoreFailure(.outage, "gone") }
    }
}

/// What was logged as a warning or worse.
private final class LoggedErrors: Sendable {
    private struct Handler: LogHandler {
        let lines: LoggedErrors
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.warning

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            lines.lines.withLock { $0.append("\(event.message): \(event.metadata?["error"] ?? "")") }
        }
    }

    private let lines = Mutex<[String]>([])

    var errors: [String] { lines.withLock { $0 } }
    var logger: Logger { Logger(label: "test") { _ in Handler(lines: self) } }
}
