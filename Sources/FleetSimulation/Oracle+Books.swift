import FleetCore

/// The ledger beside the providers' own books, and beside what the limiter was told.
extension Oracle {
    /// B: the bill lies between what the ledger proves and what it may be at most, call by call; what is reported is
    /// what the provider counted; the limiter counted what the ledger says.
    mutating func judgeBooks() {
        var billOfLost: [SimulatedRows.CallKey: Int] = [:]
        for call in calls {
            guard let key = SimulatedRows.CallKey(call.key) else { continue }
            guard let row = rows.ledger[key] else {
                billOfLost[key.ofAttempt, default: 0] += call.cost.millionths
                continue
            }
            judge(row.account, call.cost, "call \(call.key) (\(call.ending))")
            guard row.account.basis == .reported, let usage = row.account.usage else { continue }
            if usage.inputTokens != call.inputTokens || usage.outputTokens != call.outputTokens {
                note(
                    "B",
                    "call \(call.key) has \(usage) in the ledger, \(call.inputTokens) and \(call.outputTokens) in truth"
                )
            }
            if row.account.cost != call.cost {
                note("B", "call \(call.key) cost \(call.cost), the ledger proves \(row.account.cost ?? .zero)")
            }
        }
        for (key, bill) in billOfLost.sorted(by: { $0.key.stepID < $1.key.stepID }) {
            guard let row = rows.ledger[key] else {
                if bill > 0 {
                    note(
                        "B",
                        "attempt \(key.attempt) of step \(key.stepID) cost \(bill), and the ledger has no row of it")
                }
                continue
            }
            judge(row.account, Decimal6(millionths: bill), "lost attempt \(key.attempt) of step \(key.stepID)")
        }
        for (key, row) in rows.ledger.sorted(by: { $0.value.number < $1.value.number }) where key.number > 0 {
            let name = "step-\(key.stepID)-\(key.attempt)-\(key.number)"
            guard let counted = fleet.limiterBook[name], counted != row.account.counted else { continue }
            note(
                "B",
                "\(name) is \(row.account.counted.totalTokens) to the ledger, \(counted.totalTokens) to the limiter")
        }
    }

    private mutating func judge(_ account: CallAccount, _ bill: Decimal6, _ what: String) {
        var sums = CostSums()
        sums.add(cost: account.cost, expectedCost: account.expectedCost, hold: account.hold)
        if bill < sums.proved || sums.atMost < bill {
            note("B", "\(what) cost \(bill), the ledger says \(sums.proved) to \(sums.atMost)")
        }
    }
}

extension SimulatedRows.CallKey {
    /// Reads a call's idempotency key: `step-7-1-2`.
    init?(_ key: String) {
        let parts = key.split(separator: "-").compactMap { Int($0) }
        guard parts.count == 3 else { return nil }
        self.init(stepID: parts[0], attempt: parts[1], number: parts[2])
    }
}
