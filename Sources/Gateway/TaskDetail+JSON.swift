import FleetCore
import JSON
import UTC

extension TaskSummary {
    /// The task in lists.
    var json: JSONValue { .object(members) }

    fileprivate var members: JSONObject {
        var object = JSONObject()
        object["task_id"] = .string(id)
        object["title"] = .string(title)
        object["status"] = .string(status.rawValue)
        object["progress"] = .integer(progress)
        object["created_at"] = .time(createdAt)
        object["updated_at"] = .time(updatedAt)
        object["current_stage"] = .string(stage)
        object["workflow_state"] = .string(workflowState)
        object["completed_at"] = .optionalTime(completedAt)
        object["estimated_completion"] = .optionalTime(estimatedCompletion)
        object["user_id"] = .string(userID)
        object["priority"] = .string(priority.rawValue)
        object["batch"] = .optional(batch)
        object["limitations"] = .strings(limitations)
        object["error"] = .optional(failure)
        return object
    }

    /// The body of `/result`; nil as long as the task has come to no end. While a revision or a retry is asked for or
    /// under way it is the answer of the last run, with the limitations and the time of that.
    func resultJSON(_ answer: TaskAnswer?) -> JSONValue? {
        let isInProgress = isRevised(answer)
        guard status.isTerminal || isInProgress else { return nil }
        let stated = answer?.metadata.strings("limitations") ?? []
        return [
            "task_id": .string(id), "status": .string(status.rawValue), "result": result(answer),
            "completed_at": .optionalTime(isInProgress ? answer?.completedAt : completedAt),
            "limitations": .strings(isInProgress ? stated : limitations), "error": .optional(failure),
            "revision_in_progress": .bool(isInProgress),
        ]
    }

    /// There is an answer, and another one is waited for.
    fileprivate func isRevised(_ answer: TaskAnswer?) -> Bool { answer != nil && !status.isTerminal }

    /// What a run that is under way admits is not said of the last one's answer.
    fileprivate func result(_ answer: TaskAnswer?) -> JSONValue {
        let stated = isRevised(answer) ? [] : limitations
        return answer.map { AnswerDocument($0, taskLimitations: stated).json } ?? .null
    }
}

extension TaskDetail {
    /// The body of `GET /api/v1/tasks/:id`.
    var json: JSONValue {
        var object = summary.members
        object["assigned_agents"] = .array(agents.map(\.json))
        object["result"] = summary.result(answer)
        object["revision_in_progress"] = .bool(summary.isRevised(answer))
        object["description"] = .string(description)
        object["context"] = context ?? .null
        object.add(cost)
        object["retry_requested"] = .bool(isRetryRequested)
        object["revision_id"] = .optional(activeRevisionID)
        let reviewed = Set(openSteps.filter { $0.kind == .solutionReview }.compactMap(\.subtaskID))
        object["subtasks"] = .array(subtasks.map { $0.json(isInReview: reviewed.contains($0.id)) })
        object["waiting"] = .array(openSteps.filter { $0.state == .parked }.map(\.waitJSON))
        return .object(object)
    }

    private struct Agent {
        var type: String
        var status: String

        var json: JSONValue {
            ["agent_id": .string(type), "type": .string(type), "status": .string(status)]
        }
    }

    private var managersStatus: String {
        switch summary.status {
        case .completed, .partialCompletion: "completed"
        case .failed, .cancelled: summary.status.rawValue
        default: "active"
        }
    }

    /// The agents that work on the task or have: the manager first, then in the plan's order.
    private var agents: [Agent] {
        guard summary.stage != "initialization" || !openSteps.isEmpty else { return [] }
        var agents = [Agent(type: AgentRole.manager.rawValue, status: managersStatus)]
        func set(_ type: String, _ status: String) {
            if let index = agents.firstIndex(where: { $0.type == type }) {
                agents[index].status = status
            } else {
                agents.append(Agent(type: type, status: status))
            }
        }
        var bySpecialist: [String: [SubtaskSummary]] = [:]
        for subtask in subtasks { bySpecialist[subtask.specialist ?? "", default: []].append(subtask) }
        for subtask in subtasks {
            guard let type = subtask.specialist, let all = bySpecialist[type] else { continue }
            let isOpen = all.contains { !$0.status.isTerminal }
            func has(_ status: SubtaskRecord.Status) -> Bool { all.contains { $0.status == status } }
            set(type, isOpen ? "assigned" : has(.cancelled) ? "cancelled" : has(.failed) ? "failed" : "completed")
        }
        // What runs says more than what waits.
        for step in openSteps.sorted(by: { $0.activity < $1.activity }) { set(step.agentType, step.agentStatus) }
        return agents
    }
}

extension SubtaskSummary {
    fileprivate func json(isInReview: Bool) -> JSONValue {
        [
            "subtask_id": .string(id), "title": .string(title), "specialist": .optional(specialist),
            "status": .string(status.rawValue), "in_review": .bool(isInReview),
            "acceptance_status": .optional(acceptance?.rawValue),
            "dependencies": .strings(dependencies), "score": score.map { .double($0) } ?? .null,
            "partial": .bool(isPartial), "error": .optional(failure),
        ]
    }
}

extension OpenStep {
    fileprivate var activity: Int {
        switch state {
        case .running: 2
        case .ready, .dispatched: 1
        default: 0
        }
    }

    fileprivate var agentStatus: String {
        switch state {
        case .running: kind.role == .manager ? "active" : "working"
        case .parked: "waiting"
        default: "queued"
        }
    }

    fileprivate var waitJSON: JSONValue {
        [
            "step": .string(kind.rawValue), "agent_type": .string(agentType), "subtask_id": .optional(subtaskID),
            "attempt": .integer(attempt), "reason": .optional(waitReason), "until": .optionalTime(notBefore),
        ]
    }
}

extension JSONValue {
    /// A point in time, given as microseconds since 1970-01-01 UTC.
    static func time(_ microseconds: Int) -> JSONValue { .string(Timestamp.iso8601(microseconds: microseconds)) }

    static func optionalTime(_ microseconds: Int?) -> JSONValue { microseconds.map { .time($0) } ?? .null }

    static func optional(_ text: String?) -> JSONValue { text.map { .string($0) } ?? .null }
}
