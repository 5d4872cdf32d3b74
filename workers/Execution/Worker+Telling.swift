import FleetCore
import FleetTracing
import Logging

/// What the log says of attempts.
extension Worker {
    /// Every line has the ids of task, step, attempt and trace; none has anything of what was asked or answered.
    func tell(of step: ClaimedStep, _ settlement: Settlement, _ result: SettlementResult) {
        let level = settlement.outcome.logLevel
        // Most lines are for whoever looks closely: their metadata is not made for others.
        guard logger.logLevel <= level || step.isTakenOver || result == .stale else { return }
        var fields = TaskLogFields.of(task: step.taskID, step: step.stepID, attempt: step.attempt)
        fields["kind"] = .string(step.kind.rawValue)
        fields["agent_type"] = .string(step.agentType)
        if step.isTakenOver { logger.notice("a step was taken over from a worker that is gone", metadata: fields) }
        for call in settlement.calls {
            logger.debug("call ended", metadata: fields.merging(Self.fields(of: call)) { $1 })
        }
        fields["outcome"] = .string(settlement.outcome.label)
        if result == .stale {
            logger.notice("an outcome does not count: another attempt has taken over", metadata: fields)
        } else if case .dead = settlement.outcome {
            logger.log(level: level, "a step is dead: its dead letter says why", metadata: fields)
        } else {
            logger.log(level: level, "attempt ended", metadata: fields)
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

extension StepOutcome {
    /// Failures are told of in a fleet's usual log; that things go well, or wait, only to whoever looks closely.
    fileprivate var logLevel: Logger.Level {
        switch self {
        case .dead: .warning
        case .failed, .retry(_, _, _, countsAsFailure: true): .info
        case .succeeded, .retry, .handedBack, .cancelled: .debug
        }
    }
}
