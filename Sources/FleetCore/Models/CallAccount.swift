/// What a call has come to, in tokens and in money. Computed once, when the call has ended; the rate limiter, the
/// ledger and the metrics all read this one value.
package struct CallAccount: Sendable, Equatable {
    /// How well the cost is known.
    package enum Basis: String, Sendable, CaseIterable {
        /// From the usage that the provider reported.
        case reported
        /// The call was sent, and its usage was not told: cut short, or a server that reports none.
        case estimated
        /// The call may have been sent: its worker was lost.
        case ambiguous
        /// Certainly not billed.
        case none
    }

    /// How well the cost is known.
    package var basis: Basis
    /// As the provider counted the whole call; nil if it did not.
    package var usage: TokenUsage?
    /// What is expected of a call whose usage is not known; nil if it is known, or if nothing was used.
    package var estimate: TokenUsage?
    /// What can be proved, in USD: nil unless reported or none.
    package var cost: Decimal6?
    /// What is expected, in USD, where nothing can be proved.
    package var expectedCost: Decimal6?
    /// What it may be at most, in USD, where nothing can be proved.
    package var hold: Decimal6?
    /// The price that `cost` or `expectedCost` was computed with.
    package var price: AppliedPrice?
    /// As the response reported it.
    package var serviceTier: String?

    package init(
        basis: Basis, usage: TokenUsage? = nil, estimate: TokenUsage? = nil, cost: Decimal6? = nil,
        expectedCost: Decimal6? = nil, hold: Decimal6? = nil, price: AppliedPrice? = nil, serviceTier: String? = nil
    ) {
        self.basis = basis
        self.usage = usage
        self.estimate = estimate
        self.cost = cost
        self.expectedCost = expectedCost
        self.hold = hold
        self.price = price
        self.serviceTier = serviceTier
    }

    /// The account of a call that has ended.
    ///
    /// - Parameters:
    ///   - reported: what the provider said.
    ///   - billed: whether the provider charges for a call that ended like this.
    ///   - isCounted: the provider counts its tokens against the rate limit, whether it charges them or not.
    ///   - expected: what such a call usually takes.
    ///   - bound: what it may have taken at most; asked for only if nothing can be proved.
    package init(
        _ reported: ReportedUsage, of model: ModelSpec, on day: String, billed: Billed, isCounted: Bool = true,
        expected: TokenEstimate, bound: @autoclosure () -> TokenEstimate
    ) {
        self.init(basis: .none, usage: reported.finalTokens, serviceTier: reported.serviceTier)
        if usage == nil && isCounted { estimate = reported.completed(by: expected) }
        guard billed != .no else {
            cost = .zero
            return
        }
        price = model.price(forInputTokens: counted.inputTokens, tier: serviceTier, on: day)
        let amount = price?.cost(of: counted) ?? .zero
        if usage != nil {
            (basis, cost) = (.reported, amount)
        } else {
            var bound = bound()
            bound.inputTokens = max(bound.inputTokens, counted.inputTokens)
            bound.outputTokens = max(bound.outputTokens, counted.outputTokens)
            (basis, expectedCost) = (.estimated, amount)
            hold = model.highestCost(of: bound, tier: serviceTier, on: day)
        }
    }

    /// The tokens that the rate limiter and the ledger count: reported or, if nothing was, expected.
    package var counted: TokenUsage { usage ?? estimate ?? TokenUsage() }
}

extension ReportedUsage {
    /// What a call that told no final count will have taken: its input if that was told, and no less output than was
    /// seen.
    fileprivate func completed(by expected: TokenEstimate) -> TokenUsage {
        var usage = tokens ?? TokenUsage(uncachedInputTokens: expected.inputTokens)
        usage.outputTokens = max(usage.outputTokens, expected.outputTokens)
        usage.reasoningTokens = nil
        return usage
    }
}
