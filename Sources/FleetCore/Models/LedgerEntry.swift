package import JSON

/// A row of the ledger, as receipts read it.
package struct LedgerEntry: Sendable, Equatable {
    /// What became of computing a cost again.
    package enum Check: Sendable, Equatable {
        /// The price beside the tokens gives what was written.
        case agrees
        /// It gives this instead.
        case differs(Decimal6)
        /// There is no price beside the tokens, or none that can be read.
        case impossible
        /// Nothing was computed: nobody knows what was called, or nothing was billed.
        case needless
    }

    /// Of the step that the call was made for.
    package var stepID: Int
    /// The claim of the step.
    package var attempt: Int
    /// 1, 2, ... within the attempt; 0: no call, but a worker that was lost with the attempt.
    package var number: Int
    /// When it was written, microseconds since 1970-01-01 UTC.
    package var writtenAt: Int
    /// As in the model catalogue; `unknown` for a lost attempt.
    package var provider: String
    /// Name in the model catalogue; `unknown` for a lost attempt.
    package var model: String
    /// `succeeded`, `invalid_answer`, a ``ModelFailure/Code``, `lost` or `resolved`.
    package var outcome: String
    /// Nil if no answer began.
    package var httpStatus: Int?
    /// Nil for a lost attempt.
    package var duration: Duration?
    /// A ``CallRecord/Purpose``, as it is stored.
    package var purpose: String
    /// Names prompt, schema and input; nil: not known.
    package var promptVersion: String?
    /// What was left out of the prompt; nil: nothing.
    package var cuts: JSONValue?
    /// Tokens and money, with the price that stands beside them.
    package var account: CallAccount

    package init(
        stepID: Int, attempt: Int, number: Int, writtenAt: Int, provider: String, model: String, outcome: String,
        httpStatus: Int?, duration: Duration?, purpose: String, promptVersion: String?, cuts: JSONValue?,
        account: CallAccount
    ) {
        self.stepID = stepID
        self.attempt = attempt
        self.number = number
        self.writtenAt = writtenAt
        self.provider = provider
        self.model = model
        self.outcome = outcome
        self.httpStatus = httpStatus
        self.duration = duration
        self.purpose = purpose
        self.promptVersion = promptVersion
        self.cuts = cuts
        self.account = account
    }

    /// A request that may have left for a provider; otherwise the row stands for an attempt.
    package var isCall: Bool { number > 0 }

    /// Computes the cost, or the estimate, again from the tokens and the price beside it.
    package var check: Check {
        switch account.basis {
        case .ambiguous: return .needless
        case .none: return account.cost == .zero ? .needless : .differs(.zero)
        case .reported, .estimated:
            guard let price = account.price else { return .impossible }
            let again = price.cost(of: account.counted)
            return again == account.cost ?? account.expectedCost ? .agrees : .differs(again)
        }
    }
}

extension CostSums {
    /// Adds a row of the ledger.
    package mutating func add(_ entry: LedgerEntry) {
        let account = entry.account
        add(cost: account.cost, expectedCost: account.expectedCost, hold: account.hold)
    }
}
