package import FleetCore

extension SimulatedDatabase {
    /// The rows without a network in between.
    package var workflowStore: any WorkflowStore {
        SimulatedWorkflowStore(database: self, route: DirectRoute(), bugs: [])
    }

    /// The worker's side, without a network either.
    package var stepStore: any StepStore { SimulatedStepStore(database: self, route: DirectRoute()) }

    /// A line per task: what it has come to.
    package var taskLines: [String] {
        rows.tasks.values.map { task in
            "\(task.record.id) \(task.status.rawValue) \(task.record.state.rawValue) \(task.stage.rawValue)"
                + " \(task.record.progress) \(task.eventSequence) \(task.cancelEpoch) \(task.record.planNumber)"
                + " \(task.record.lastPlanNumber) \(task.record.answerVersion) \(task.record.limitations.count)"
                + " \(task.activeRevisionID ?? "-") \(task.checkpoint?.status.rawValue ?? "-")"
        }.sorted()
    }

    /// A line per subtask: how far it is.
    package var subtaskLines: [String] {
        rows.subtasks.values.map { subtask in
            let record = subtask.record
            return "\(record.id) \(record.specialist) \(record.status.rawValue) \(record.acceptance?.rawValue ?? "-")"
                + " \(record.version) \(record.cycle) \(record.isPartial ? "partial" : "-")"
                + " \(record.currentStepID == nil ? "-" : "open") \(subtask.isStarted ? "started" : "-")"
        }.sorted()
    }

    /// A line per revision: what it has come to.
    package var revisionLines: [String] {
        rows.revisions.map { revision in
            "\(revision.id) \(revision.status) \(revision.scope?.rawValue ?? "-") \(revision.priority.rawValue)"
        }.sorted()
    }

    /// A line per step: its state, without its id.
    package var stepLines: [String] {
        rows.steps.values.map { step in
            "\(step.taskID) \(step.subtaskID ?? "-") \(step.kind.rawValue) \(step.state.rawValue) \(step.priority)"
                + " \(step.attempt)"
                + " \(step.failures) \(step.throttles) \(step.crashes) \(step.waitReason?.rawValue ?? "-")"
        }.sorted()
    }

    /// A line per row of the ledger: what it says of tokens and money, without the step's id.
    package var ledgerLines: [String] {
        func text(_ value: (some CustomStringConvertible)?) -> String { value?.description ?? "-" }
        return rows.ledger.map { key, row in
            let account = row.account
            let tokens = account.usage ?? account.estimate
            return [
                row.taskID, row.kind.rawValue, "\(key.attempt)", "\(key.number)", row.outcome, row.purpose.rawValue,
                account.basis.rawValue, text(account.usage?.inputTokens), text(account.usage?.outputTokens),
                text(account.estimate?.inputTokens), text(account.estimate?.outputTokens),
                text(tokens?.cacheReadTokens), text(account.usage?.reasoningTokens), text(account.cost),
                text(account.expectedCost), text(account.hold), text(account.price?.id), text(account.price?.rates),
            ].joined(separator: " ")
        }.sorted()
    }
}
