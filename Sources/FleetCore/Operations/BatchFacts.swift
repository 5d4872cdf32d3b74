/// What the rows say about a batch, for the question why it does not move.
package struct BatchFacts: Sendable, Equatable {
    /// Open steps that wait for the same thing.
    package struct Waiting: Sendable, Equatable {
        package var agentType: String
        package var state: StepState
        package var waitReason: StepOutcome.WaitReason?
        /// What their calls wait for, if they are running and have called nobody yet.
        package var limitWait: LimitWait?
        package var steps: Int
        /// The earliest of their times, in microseconds since 1970-01-01 UTC.
        package var until: Int?

        package init(
            agentType: String, state: StepState, waitReason: StepOutcome.WaitReason?, limitWait: LimitWait? = nil,
            steps: Int, until: Int?
        ) {
            self.agentType = agentType
            self.state = state
            self.waitReason = waitReason
            self.limitWait = limitWait
            self.steps = steps
            self.until = until
        }
    }

    package var batchID: String
    package var name: String
    package var userID: String
    package var holds: [Hold] = []
    package var tasks: [WorkflowState: Int] = [:]
    package var waiting: [Waiting] = []
    /// An open step for each kind of waiting that has to be explained by itself.
    package var examples: [StepFacts] = []
    /// As ``HealthFacts/advanceAge``.
    package var schedulerSilence: Double?

    package init(batchID: String, name: String, userID: String) {
        self.batchID = batchID
        self.name = name
        self.userID = userID
    }

    /// Everything that keeps it, the most important first: each with how much it concerns.
    package var explanations: [WaitExplanation] {
        let isOpen = tasks.contains { !$0.key.isTerminal && $0.value > 0 }
        let stands = isOpen ? WaitExplanation.schedulerStands(silence: schedulerSilence) : nil
        var all = [stands, holds.explanation(owner: "the")].compactMap(\.self)
        if let pending = tasks[.pending], pending > 0, holds.isEmpty {
            all.append(
                WaitExplanation(
                    "admission", "\(pending) of its tasks are not taken up yet",
                    start: "room in the first queue: running work that ends, or more workers"))
        }
        for group in waiting.sorted(by: { $0.steps > $1.steps }) {
            all.append(explanation(of: group))
        }
        if all.isEmpty {
            let open = tasks.filter { !$0.key.isTerminal }.values.reduce(0, +)
            all.append(
                open == 0
                    ? WaitExplanation("ended", "all its tasks have ended", start: "nothing")
                    : WaitExplanation(
                        "advance", "\(open) of its tasks wait for a scheduler to go on", start: "its next advance"))
        }
        return all
    }

    private func explanation(of group: Waiting) -> WaitExplanation {
        let example = examples.first {
            $0.agentType == group.agentType && $0.state == group.state && $0.waitReason == group.waitReason
                && $0.limitWait == group.limitWait
        }
        var explanation =
            example?.explanation
            ?? WaitExplanation(group.state.rawValue, "it is \(group.state.rawValue)", start: "its turn")
        explanation.what =
            "\(group.steps) step\(group.steps == 1 ? "" : "s") for \(group.agentType), one of them: \(explanation.what)"
        // The first of them to come back, which may have waited since before the example came.
        if let until = group.until {
            if let since = explanation.since, since > until { explanation.since = nil }
            explanation.until = until
        }
        return explanation
    }
}
