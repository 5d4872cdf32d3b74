/// What calls have cost together, as far as it is known. Shown wherever money is summed up: none of the three alone
/// says what was spent.
package struct CostSums: Sendable, Equatable {
    /// What can be proved: the cost of calls whose usage was reported.
    package var proved: Decimal6
    /// What can be proved, and what is expected of the others.
    package var expected: Decimal6
    /// What can be proved, and the most that the others may have cost.
    package var atMost: Decimal6

    /// Nothing was spent, unless amounts are given.
    package init(proved: Decimal6 = .zero, expected: Decimal6 = .zero, atMost: Decimal6 = .zero) {
        self.proved = proved
        self.expected = expected
        self.atMost = atMost
    }

    /// Adds a call. What has no estimate counts as nothing expected, what has no bound as much as is expected.
    package mutating func add(cost: Decimal6?, expectedCost: Decimal6?, hold: Decimal6?) {
        proved = proved + (cost ?? .zero)
        expected = expected + (cost ?? expectedCost ?? .zero)
        atMost = atMost + (cost ?? hold ?? expectedCost ?? .zero)
    }
}
