import Catalogues
import Execution
import FleetCore
import FleetMetrics
import FleetTesting
import JSON
import Providers

@testable import Execution

/// One task worked off in memory: the product's workflow, prompts, checks and repairs, and the twin as the model.
struct AnsweredTask {
    private(set) var harness: WorkflowHarness
    /// Every step in the order in which it was asked.
    private(set) var steps: [ClaimedStep] = []
    /// Answers that broke a rule.
    private(set) var invalid = 0
    /// Steps that failed.
    private(set) var failed: [String] = []

    private let runner: StepRunner
    private let misfortune: @Sendable (ClaimedStep) -> Bool

    /// - Parameter misfortune: whether a step fails whatever is asked.
    init(
        _ task: BacklogTask, catalogue: AgentCatalogue, models: ModelCatalogue, caller: TwinCaller,
        misfortune: @escaping @Sendable (ClaimedStep) -> Bool = { _ in false }
    ) throws {
        harness = WorkflowHarness(
            catalogue: catalogue, title: task.title, description: task.description, context: task.context)
        harness.load = ["financial_analyst": 4, "developer": 2]
        let time = SystemTimekeeper()
        runner = StepRunner(
            catalogue: catalogue, prompts: PromptBuilder(catalogue: catalogue),
            answers: try AnswerReader(catalogue: catalogue),
            models: ModelChoice(models: models.models, time: time), caller: caller, limiter: Granting(),
            waits: LimitWaits(time: time) { notes, _ in notes.map { _ in true } },
            estimator: TokenEstimator(), policy: RetryPolicy(), billing: models.billing, credentials: [:],
            metrics: .none,
            today: { "2026-11-26" }, random: { 0 }, time: time)
        self.misfortune = misfortune
    }

    /// Works until nothing is open.
    mutating func work() async {
        for _ in 0..<400 {
            while harness.advance() {}
            guard let step = harness.openSteps.first else { return }
            let claimed = harness.claimed(step)
            steps.append(claimed)
            if misfortune(claimed) {
                harness.settle(step.id, .failed, error: "out of luck")
                continue
            }
            let settlement = await runner.run(claimed, isDraining: { false })
            invalid += settlement.calls.count { $0.outcome == "invalid_answer" }
            if case .succeeded(let answer) = settlement.outcome,
                let json = try? JSON.JSONValue(parsing: answer.json)
            {
                harness.settle(step.id, .succeeded, output: json)
            } else {
                failed.append("\(claimed.kind.rawValue): \(settlement.outcome)")
                harness.settle(step.id, .failed, error: "\(settlement.outcome)")
            }
        }
    }

    mutating func request(_ request: TaskRequest) { harness.request(request) }

    /// The last answer of the task; nil if it has none.
    var answer: JSON.JSONValue? {
        guard case .step(let id)? = harness.finals.last?.source else { return nil }
        return harness.answers[id]
    }

    /// What the task's requirements came to, read from the texts: not what anybody says of them.
    var truth: Truth { Truth(answer: answer, task: harness.snapshot.task) }

    /// Requirements that a solution's text does not speak of although its subtask serves them, and whether the review
    /// found that.
    var droppedRequirements: [(id: String, isCaught: Bool)] {
        steps.filter { $0.kind == .solutionReview }.flatMap { review -> [(id: String, isCaught: Bool)] in
            guard let subject = review.input.subjectStepID, let text = harness.answers[subject]?["content"]?.string,
                let answer = harness.answers[review.stepID]
            else { return [] }
            let unmet = RequirementCheck.list(in: answer).filter { $0.met != "yes" }.map(\.id)
            return StepRequirements(review).served.map(\.id).filter { !Truth.names($0, in: text) }.map {
                ($0, unmet.contains($0))
            }
        }
    }

    private struct Granting: RateLimiter {
        func reserve(
            _ key: RateLimitKey, estimate: TokenEstimate, holder: String, holdsTurn: Bool, expiresAfter: Duration
        ) async throws -> ReservationDecision {
            .granted(Reservation(key: key, estimate: estimate, holder: holder, cell: "0"))
        }
        func use(_ settings: [LimitSetting]) {}
        func learn(_ key: RateLimitKey, _ reported: ReportedLimits) {}

        func settle(_ reservation: Reservation, usage: TokenUsage?, cooldown: Duration?) {}
    }
}

/// Whether an answer delivers what was asked.
struct Truth {
    /// Requirements that a section of the answer speaks of.
    var covered: [String] = []
    /// Requirements that only a limitation speaks of.
    var admitted: [String] = []
    /// Requirements that are neither there nor admitted.
    var silent: [String] = []

    init(answer: JSON.JSONValue?, task: TaskRecord) {
        let musts = (task.analysis?.requirements ?? []).musts.map(\.id)
        let sections = (answer?["sections"]?.array ?? []).compactMap { $0["content"]?.string }.joined(separator: "\n")
        let limitations = (answer?.strings("limitations") ?? []) + task.limitations
        for id in musts {
            if Self.names(id, in: sections) {
                covered.append(id)
            } else if Self.names(id, in: limitations.joined(separator: "\n")) {
                admitted.append(id)
            } else {
                silent.append(id)
            }
        }
    }

    /// Everything is delivered, or admitted to be missing.
    var isHonest: Bool { silent.isEmpty }

    static func names(_ id: String, in text: String) -> Bool {
        var rest = text[...]
        while let found = rest.firstRange(of: id) {
            let next = found.upperBound == text.endIndex ? " " : text[found.upperBound]
            if !next.isNumber { return true }
            rest = rest[found.upperBound...]
        }
        return false
    }
}
