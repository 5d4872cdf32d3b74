/// Some tasks of a batch that go first: the others follow only if these keep within bounds.
package struct BatchPilot: Sendable, Equatable {
    package enum State: String, Sendable, CaseIterable {
        /// The batch is still being handed in: the sample is drawn when nothing has come for two seconds.
        case gathering
        case running
        /// It kept within the bounds, or somebody has let the others go all the same.
        case passed
        /// It did not: the batch is paused.
        case stopped
    }

    package var size: Int
    package var state: State
    /// The mean score of the accepted parts must not be less.
    package var leastScore: Double?
    /// The mean expected cost of a task must not be more, in dollars.
    package var mostCost: Decimal6?
    /// The share of tasks that fail, or are completed in part only, must not be more.
    package var mostFailures: Double?

    package init(
        size: Int, state: State = .gathering, leastScore: Double? = nil, mostCost: Decimal6? = nil,
        mostFailures: Double? = nil
    ) {
        self.size = size
        self.state = state
        self.leastScore = leastScore
        self.mostCost = mostCost
        self.mostFailures = mostFailures
    }

    /// What the sample has shown. Cancelled tasks are not measured.
    package struct Findings: Sendable, Equatable {
        package var tasks: Int
        package var failed: Int
        /// Nil if no part was reviewed.
        package var meanScore: Double?
        /// Expected cost of all of them.
        package var cost: Decimal6

        package init(tasks: Int, failed: Int, meanScore: Double?, cost: Decimal6) {
            self.tasks = tasks
            self.failed = failed
            self.meanScore = meanScore
            self.cost = cost
        }
    }

    /// Why the others do not follow, each bound with what was measured; nil: they do.
    package func reason(_ found: Findings) -> String? {
        guard found.tasks > 0 else { return "nothing was measured: every task of the pilot was cancelled" }
        var reasons: [String] = []
        if let mostFailures, Double(found.failed) > mostFailures * Double(found.tasks) {
            reasons.append(
                "\(found.failed) of \(found.tasks) tasks failed or are partial, at most \(Self.text(mostFailures * 100)) % "
                    + "may")
        }
        if let mostCost {
            let mean = Decimal6(millionths: found.cost.millionths / found.tasks)
            if found.cost.millionths > mostCost.millionths * found.tasks {
                reasons.append("a task costs \(mean) USD in the mean, at most \(mostCost) may be")
            }
        }
        if let leastScore {
            if let score = found.meanScore {
                if score < leastScore {
                    reasons.append("the mean score is \(Self.text(score)), at least \(Self.text(leastScore)) must be")
                }
            } else {
                reasons.append("no score is known, at least \(Self.text(leastScore)) must be")
            }
        }
        return reasons.isEmpty ? nil : "the pilot of \(found.tasks): " + reasons.joined(separator: "; ")
    }

    /// With two decimals at most.
    private static func text(_ value: Double) -> String {
        let hundredths = Int((value * 100).rounded())
        let (whole, rest) = (hundredths / 100, hundredths % 100)
        return rest == 0 ? "\(whole)" : "\(whole)." + (rest < 10 ? "0\(rest)" : "\(rest)")
    }
}
