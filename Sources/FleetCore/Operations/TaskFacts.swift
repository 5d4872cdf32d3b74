/// What the rows say about a task, for the question why it does not move.
package struct TaskFacts: Sendable, Equatable {
    /// A part of the plan that has not begun.
    package struct Part: Sendable, Equatable {
        package var title: String
        /// The parts that it needs and that are not accepted yet.
        package var missing: [String]

        package init(title: String, missing: [String]) {
            self.title = title
            self.missing = missing
        }
    }

    package var taskID: String
    package var status: String
    package var state: WorkflowState
    /// Of its last change, in microseconds since 1970-01-01 UTC.
    package var since: Int?
    package var failure: String?
    /// Those that cover it.
    package var holds: [Hold] = []
    /// New tasks that are taken up before it, if it is new.
    package var ahead = 0
    /// Something happened to it that no scheduler has looked at yet.
    package var isWoken = false
    /// A retry or a revision that its owner has asked for has not begun.
    package var isRequested = false
    package var openSteps: [StepFacts] = []
    package var waitingParts: [Part] = []
    /// As ``HealthFacts/advanceAge``.
    package var schedulerSilence: Double?

    package init(taskID: String, status: String, state: WorkflowState) {
        self.taskID = taskID
        self.status = status
        self.state = state
    }

    /// What keeps the task itself, its steps aside: nil if only they do.
    package var explanation: WaitExplanation? {
        let stands = WaitExplanation.schedulerStands(silence: schedulerSilence)
        if let stands, isWoken || isRequested || state == .pending || (openSteps.isEmpty && !state.isTerminal) {
            return stands
        }
        if isWoken || isRequested {
            return WaitExplanation(
                "advance", isRequested ? "its owner asked for more" : "something happened to it", since: since,
                start: "a scheduler's next advance, within a second: mixmyai status says whether one runs")
        }
        if state.isTerminal && openSteps.isEmpty {
            return WaitExplanation(
                "ended", "it has ended: \(status)" + (failure.map { ": \($0)" } ?? ""), since: since,
                start: state == .cancelled ? "nothing" : "mixmyai task retry, mixmyai task revise")
        }
        if let pause = holds.explanation(owner: "its") { return pause }
        if state == .pending {
            return WaitExplanation(
                "admission",
                ahead == 0
                    ? "it is the next to be taken up"
                    : "\(ahead) new task\(ahead == 1 ? " is" : "s are") taken up before it, by priority and fair share",
                since: since, start: "room in the first queue: running work that ends, or more workers")
        }
        if openSteps.isEmpty {
            return WaitExplanation(
                "idle", "nothing of it is open and nothing says that it should go on", since: since,
                start: "the sweep, which wakes such tasks within half a minute")
        }
        return nil
    }

    /// Parts of the plan that wait for others.
    package var dependencies: [WaitExplanation] {
        waitingParts.map { part in
            WaitExplanation(
                "dependency",
                "the part '\(part.title)' waits for \(part.missing.map { "'\($0)'" }.joined(separator: ", "))",
                start: "that it is accepted, or that it fails, which fails this one too")
        }
    }
}
