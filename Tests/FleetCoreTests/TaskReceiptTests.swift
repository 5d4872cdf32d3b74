import FleetCore
import FleetTesting
import Testing

/// From the rows of a task to what it has cost and why.
@Suite struct TaskReceiptTests {
    private static let task = TaskSummary(
        id: "task_1", userID: "u", title: "T", status: .completed, priority: .medium, progress: 100, stage: "completed",
        workflowState: "completed", batch: nil, createdAt: 0, updatedAt: 0, completedAt: 0, estimatedCompletion: nil,
        limitations: [], failure: nil)

    private static let used = TokenUsage(uncachedInputTokens: 100, outputTokens: 20, reasoningTokens: 5)

    private func account(_ reported: ReportedUsage = ReportedUsage(used), billed: Billed = .yes) -> CallAccount {
        CallAccount(
            reported, of: TestCatalogue.model, on: "2026-11-22", billed: billed,
            expected: TokenEstimate(inputTokens: 150, outputTokens: 70),
            bound: TokenEstimate(inputTokens: 400, outputTokens: 1000))
    }

    private func entry(
        _ step: Int, _ attempt: Int, _ number: Int, _ outcome: String = "succeeded", _ account: CallAccount? = nil,
        model: String = "a", purpose: String = "work"
    ) -> LedgerEntry {
        LedgerEntry(
            stepID: step, attempt: attempt, number: number, writtenAt: 0, provider: "openai", model: model,
            outcome: outcome, httpStatus: 200, duration: .seconds(1), purpose: purpose, promptVersion: nil, cuts: nil,
            account: account ?? self.account())
    }

    private let lost = CallAccount(
        basis: .ambiguous, expectedCost: Decimal6(millionths: 10), hold: Decimal6(millionths: 5000))

    private func step(
        _ id: Int, _ kind: StepKind, _ subtask: String? = nil, state: StepState = .succeeded, verdict: String? = nil,
        with change: (inout StepInput) -> Void = { _ in }
    ) -> ReceiptStep {
        var input = StepInput()
        change(&input)
        return ReceiptStep(
            id: id, kind: kind.rawValue, agentType: "agent", state: state.rawValue, subtaskID: subtask,
            subtaskKey: subtask, input: input, subjectVerdict: verdict)
    }

    @Test func eachStepSaysWhyItWasMadeAgain() {
        func improve(_ input: inout StepInput) { (input.subjectVersion, input.reviewStepID) = (1, 9) }
        let steps = [
            step(1, .taskDecomposition), step(2, .taskDecomposition) { $0.planErrors = ["a cycle"] },
            step(3, .subtaskExecution, "s1"), step(4, .subtaskExecution, "s2", state: .dead),
            step(5, .solutionReview, "s1") { $0.subjectVersion = 1 },
            step(6, .subtaskExecution, "s1", verdict: "needs_revision", with: improve),
            step(7, .subtaskExecution, "s2", verdict: "rejected", with: improve),
            step(8, .solutionReview, "s1") { $0.subjectVersion = 2 },
            step(9, .subtaskExecution, "s1", verdict: "rejected", with: improve),
            step(10, .subtaskExecution, "s1") { $0.subjectVersion = 3 }, step(11, .synthesis),
            step(12, .synthesis, with: improve), step(13, .coordination), step(14, .coordination),
            step(15, .subtaskExecution, "s1", verdict: "accepted", with: improve),
        ]
        let receipt = TaskReceipt(task: Self.task, steps: steps, entries: steps.map { entry($0.id, 1, 1) })
        #expect(
            receipt.steps.map(\.again) == [
                nil, .planRejected, nil, nil, nil, .needsRevision, .failed, .newVersion, .rejected, .reopened, nil,
                .sentBack, nil, .reopened, .needsRevision,
            ])
        #expect(receipt.steps.map(\.facts.version).prefix(6) == [nil, nil, 1, 1, 1, 2])
        // A step without a call is not on the receipt, but is known to have been there.
        let some = TaskReceipt(task: Self.task, steps: steps, entries: [entry(7, 1, 1)])
        #expect(some.steps.map(\.again) == [.failed])
    }

    @Test func eachCallSaysWhatItCameAfter() {
        let entries = [
            entry(1, 1, 0, "lost", lost, model: "unknown"), entry(1, 2, 1, "invalid_answer"),
            entry(1, 2, 2, "rate_limited", account(.nothing, billed: .no), purpose: "repair"),
            entry(1, 4, 1, "timed_out"),
            entry(1, 5, 0, "resolved", CallAccount(basis: .none, cost: .zero), model: "unknown"), entry(1, 5, 1),
            entry(1, 6, 1), entry(1, 7, 1),
        ]
        let receipt = TaskReceipt(task: Self.task, steps: [step(1, .synthesis)], entries: entries)
        #expect(
            receipt.steps[0].calls.map(\.after) == [
                nil, "lost", "invalid_answer", "rate_limited", "timed_out", nil, "resolved", "succeeded",
            ])
    }

    @Test func sumsAreProvedExpectedAndAtMost() {
        let entries = [
            entry(1, 1, 1, "invalid_answer"), entry(1, 1, 2, model: "b", purpose: "repair"),
            entry(2, 1, 0, "lost", lost, model: "unknown"),
            entry(2, 2, 1, "timed_out", account(.nothing, billed: .unknown)),
            entry(2, 3, 0, "resolved", CallAccount(basis: .none, cost: .zero), model: "unknown"),
        ]
        let receipt = TaskReceipt(
            task: Self.task, steps: [step(1, .synthesis), step(2, .finalReview)], entries: entries)
        // Proved: 200 each. Estimated: 500, at most 5500. Lost: 10, at most 5000.
        func sums(_ proved: Int, _ expected: Int, _ atMost: Int) -> CostSums {
            CostSums(
                proved: Decimal6(millionths: proved), expected: Decimal6(millionths: expected),
                atMost: Decimal6(millionths: atMost))
        }
        #expect(receipt.total.cost == sums(400, 910, 10_900))
        #expect(receipt.total.calls == 3)
        #expect(receipt.total.tokens == TokenUsage(uncachedInputTokens: 200, outputTokens: 40, reasoningTokens: 10))
        #expect(receipt.byKind.map(\.name) == ["synthesis", "final_review"])
        #expect(receipt.byKind.map(\.cost) == [sums(400, 400, 400), sums(0, 510, 10_500)])
        #expect(receipt.byModel.map(\.name) == ["a", "b", "unknown"])
        #expect(receipt.byModel.map(\.calls) == [2, 1, 0])
        #expect(receipt.byPurpose.map(\.name) == ["work", "repair", "lost"])
        #expect(receipt.byPurpose.map(\.cost) == [sums(200, 700, 5700), sums(200, 200, 200), sums(0, 10, 5000)])
        #expect(receipt.steps.map(\.cost) == receipt.byKind.map(\.cost))
    }

    @Test func aCostThatIsNotWhatItsPriceMakesIsFound() {
        var (wrong, guessed, unpriced) = (account(), account(.nothing, billed: .unknown), account())
        wrong.cost = Decimal6(millionths: 201)
        guessed.expectedCost = .zero
        unpriced.price = nil
        let free = CallAccount(basis: .none, cost: Decimal6(millionths: 1))
        var entries = [entry(1, 1, 0, "lost", lost), entry(1, 2, 1)]
        for (index, account) in [wrong, guessed, unpriced, free].enumerated() {
            entries.append(entry(1, 3, index + 1, "x", account))
        }
        let receipt = TaskReceipt(task: Self.task, steps: [step(1, .synthesis)], entries: entries)
        #expect(receipt.differences.map(\.number) == [1, 2, 3, 4])
        #expect(
            receipt.differences.map(\.check) == [
                .differs(Decimal6(millionths: 200)), .differs(Decimal6(millionths: 500)), .impossible, .differs(.zero),
            ])
    }
}
