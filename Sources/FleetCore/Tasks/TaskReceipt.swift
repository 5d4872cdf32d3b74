/// What a task has cost and why: every call that was made for it, step by step, and the sums.
package struct TaskReceipt: Sendable {
    /// A step that calls were made for.
    package struct Step: Sendable, Equatable {
        /// What was asked, by whom, and what came of it.
        package var facts: ReceiptStep
        /// Why such a step was made although there had been one; nil for the first.
        package var again: Again?
        /// In the order of attempts and calls.
        package var calls: [Call]
        /// Of its calls.
        package var cost: CostSums
    }

    /// Why the same work was asked for once more.
    package enum Again: String, Sendable {
        /// The step before ended without an answer.
        case failed
        /// The review asked for a better version.
        case needsRevision = "needs_revision"
        /// The review turned the solution down.
        case rejected
        /// The solution was too long to be reviewed.
        case tooLong = "too_long"
        /// The final review sent the answer back.
        case sentBack = "sent_back"
        /// The plan could not be used.
        case planRejected = "plan_rejected"
        /// There is a new version to look at.
        case newVersion = "new_version"
        /// The owner asked for a revision, or for another try.
        case reopened
    }

    /// A row of the ledger.
    package struct Call: Sendable, Equatable {
        /// What stands in the ledger.
        package var entry: LedgerEntry
        /// The outcome of the call before, for which this one was made; nil for a step's first.
        package var after: String?
    }

    /// Sums over some of the calls.
    package struct Total: Sendable, Equatable {
        /// What they have in common.
        package var name: String
        /// Calls that were made; lost attempts are none.
        package var calls = 0
        /// As reported; calls without a count add nothing.
        package var tokens = TokenUsage()
        /// Lost attempts are in it.
        package var cost = CostSums()

        /// Of nothing yet.
        package init(name: String) {
            self.name = name
        }

        mutating func add(_ entry: LedgerEntry) {
            cost.add(entry)
            guard entry.isCall else { return }
            calls += 1
            guard let usage = entry.account.usage else { return }
            tokens.uncachedInputTokens += usage.uncachedInputTokens
            tokens.cacheReadTokens += usage.cacheReadTokens
            tokens.cacheWriteTokens += usage.cacheWriteTokens
            tokens.outputTokens += usage.outputTokens
            tokens.reasoningTokens = (tokens.reasoningTokens ?? 0) + (usage.reasoningTokens ?? 0)
        }
    }

    /// The task, as lists show it.
    package var task: TaskSummary
    /// In the order in which they were made; steps without a call are left out.
    package var steps: [Step]

    /// Puts the ledger's rows to their steps.
    ///
    /// - Parameters:
    ///   - steps: all of the task, in the order in which they were made.
    ///   - entries: rows of the ledger, by step, attempt and number.
    package init(task: TaskSummary, steps: [ReceiptStep], entries: [LedgerEntry]) {
        self.task = task
        let byStep = Dictionary(grouping: entries, by: \.stepID)
        var before: [ReceiptStep.Work: ReceiptStep] = [:]
        self.steps = []
        for facts in steps {
            let again = facts.again(after: before.updateValue(facts, forKey: facts.work))
            guard let entries = byStep[facts.id] else { continue }
            var cost = CostSums()
            for entry in entries { cost.add(entry) }
            self.steps.append(Step(facts: facts, again: again, calls: Self.calls(entries), cost: cost))
        }
    }

    /// Rows of one step; a call is made after the one before it or, if that one's worker was lost, after the loss.
    private static func calls(_ entries: [LedgerEntry]) -> [Call] {
        var last: LedgerEntry?
        var lost: LedgerEntry?
        return entries.map { entry in
            let isNewAttempt = entry.attempt != last?.attempt
            let cause = isNewAttempt ? lost ?? last : entry.number > 1 ? last : nil
            if isNewAttempt { lost = nil }
            if !entry.isCall { lost = entry }
            last = entry
            return Call(entry: entry, after: cause?.outcome)
        }
    }

    /// All rows.
    package var entries: [LedgerEntry] { steps.flatMap { $0.calls.map(\.entry) } }

    /// Over all calls.
    package var total: Total {
        entries.reduce(into: Total(name: task.id)) { $0.add($1) }
    }

    /// By kind of step, in the order of their first calls.
    package var byKind: [Total] { totals(steps.flatMap { step in step.calls.map { (step.facts.kind, $0.entry) } }) }
    /// By model; lost attempts are under `unknown`.
    package var byModel: [Total] { totals(entries.map { ($0.model, $0) }) }
    /// By what the calls were made for; lost attempts are under `lost`.
    package var byPurpose: [Total] { totals(entries.map { ($0.isCall ? $0.purpose : "lost", $0) }) }

    private func totals(_ entries: [(name: String, entry: LedgerEntry)]) -> [Total] {
        var totals: [Total] = []
        for (name, entry) in entries where entry.isCall || entry.account.basis == .ambiguous {
            if !totals.contains(where: { $0.name == name }) { totals.append(Total(name: name)) }
            if let index = totals.firstIndex(where: { $0.name == name }) { totals[index].add(entry) }
        }
        return totals
    }

    /// Rows whose cost is not what tokens and price make it, or cannot be computed again.
    package var differences: [LedgerEntry] {
        entries.filter { $0.check != .agrees && $0.check != .needless }
    }
}
