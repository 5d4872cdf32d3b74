import FleetCore

/// The ledger: the counterpart of `LedgerSQL` and of the statements that write it.
extension SimulatedRows {
    /// Rows that the median looks back to.
    private static let lookBack = 1000

    /// A call that was made; writing it twice changes nothing.
    mutating func write(_ call: CallRecord, of settlement: Settlement, at now: Int) {
        let key = CallKey(stepID: settlement.stepID, attempt: settlement.attempt, number: call.number)
        guard ledger[key] == nil else { return }
        ledger[key] = LedgerRow(
            number: ledger.count, taskID: settlement.taskID, kind: settlement.kind, provider: call.provider,
            model: call.model, account: call.account, outcome: call.outcome, purpose: call.purpose, writtenAt: now,
            duration: call.duration)
    }

    /// The ledger says that a call of this attempt may have been paid.
    mutating func writeLost(_ step: Step, at now: Int) {
        let key = CallKey(stepID: step.id, attempt: step.attempt, number: 0)
        guard ledger[key] == nil else { return }
        let account = CallAccount(
            basis: .ambiguous, expectedCost: usualCost(of: step.kind), hold: bounds[step.agentType, step.kind])
        ledger[key] = LedgerRow(
            number: ledger.count, taskID: step.taskID, kind: step.kind, provider: "unknown", model: "unknown",
            account: account, outcome: "lost", purpose: .work, writtenAt: now, duration: .zero)
    }

    /// The attempt was taken over, and has booked its calls all the same.
    mutating func resolveLost(_ settlement: Settlement) {
        let key = CallKey(stepID: settlement.stepID, attempt: settlement.attempt, number: 0)
        guard settlement.isComplete, ledger[key]?.outcome == "lost" else { return }
        ledger[key]?.outcome = "resolved"
        ledger[key]?.account = CallAccount(basis: .none, cost: .zero)
    }

    /// What calls of the kind have cost of late: the lower median.
    private func usualCost(of kind: StepKind) -> Decimal6? {
        let recent = ledger.values.sorted { $0.number > $1.number }.prefix(Self.lookBack)
        let costs = recent.filter { $0.kind == kind && $0.account.basis == .reported }.compactMap(\.account.cost)
            .sorted()
        return costs.isEmpty ? nil : costs[(costs.count - 1) / 2]
    }
}
