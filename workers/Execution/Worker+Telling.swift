import FleetCore
import FleetTracing
import Logging

/// What the log says of attempts.
extension Worker {
    /// Every line has the ids of task, step, attempt and trace; none has anything of what was asked or answered.
    func tell(of step: ClaimedStep, _ settlement: Settlement, _ result: SettlementResult) {
        // Most lines are for whoever looks closely: their metadata is not made for others.
        let isDead = if case .dead = settlement.outcome { true } else { false }
        guard isDead || step.isTakenOver || result == .stale || logger.logLevel <= .debug else { return }
        let fields = TaskLogFields.of(task: step.taskID, step: step.stepID, attempt: step.attempt)
            .merging(["kind": .string(step.kind.rawValue), "agent_type": .string(step.agentType)]) { $1 }
        if step.isTakenOver { logger.notice("a step was taken over from a worker that is gone", metadata: fields) }
        for call in settlement.calls {
            logger.debug("call ended", metadata: fields.merging(Self.fields(of: call)) { $1 })
        }
        let outcome: Logger.Metadata = ["outcome": .string(settlement.outcome.label)]
        let ending = fields.merging(outcome) { $1 }
        if result == .stale {
            logger.notice("an outcome does not count: another attempt has taken over", metadata: ending)
        } else if isDead {
            logger.warning("a step is dead: its dead letter says why", metadata: ending)
        } else {
            logger.debug("attempt ended", metadata: ending)
        }
    }

    private static func fields(of call: CallRecord) -> Logger.Metadata {
        var fields: Logger.Metadata = [
            "call": .stringConvertible(call.number), "provider": .string(call.provider), "model": .string(call.model),
            "outcome": .string(call.outcome), "duration_ms": .stringConvertible(call.duration.inMilliseconds),
        ]
        if let status = call.httpStatus { fields["status"] = .stringConvertible(status) }
        return fields
    }
}
