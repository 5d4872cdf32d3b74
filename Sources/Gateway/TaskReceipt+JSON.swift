import FleetCore
import JSON

extension TaskReceipt {
    /// The body of `GET /api/v1/tasks/:id/receipt`.
    var json: JSONValue {
        let total = total
        var object = JSONObject()
        object["task_id"] = .string(task.id)
        object["title"] = .string(task.title)
        object["status"] = .string(task.status.rawValue)
        object["calls"] = .integer(total.calls)
        object["tokens"] = total.tokens.json
        object.add(total.cost)
        object["steps"] = .array(steps.map(\.json))
        object["totals"] = [
            "by_kind": .array(byKind.map(\.json)), "by_model": .array(byModel.map(\.json)),
            "by_purpose": .array(byPurpose.map(\.json)),
        ]
        object["lost"] = .array(lost)
        object["differences"] = .array(differences.map(\.differenceJSON))
        return .object(object)
    }

    /// Attempts of which nobody knows whether and whom they called.
    private var lost: [JSONValue] {
        steps.flatMap { step in
            step.calls.map(\.entry).filter { $0.account.basis == .ambiguous }.map { entry in
                [
                    "step_id": .integer(entry.stepID), "attempt": .integer(entry.attempt),
                    "kind": .string(step.facts.kind), "agent_type": .string(step.facts.agentType),
                    "estimate_usd": .money(entry.account.expectedCost), "hold_usd": .money(entry.account.hold),
                ]
            }
        }
    }
}

extension TaskReceipt.Step {
    fileprivate var json: JSONValue {
        var object = JSONObject()
        object["step_id"] = .integer(facts.id)
        object["kind"] = .string(facts.kind)
        object["agent_type"] = .string(facts.agentType)
        object["state"] = .string(facts.state)
        object["subtask"] =
            facts.subtaskKey.map { ["key": .string($0), "title": .optional(facts.subtaskTitle)] } ?? .null
        object["version"] = facts.version.map { .integer($0) } ?? .null
        object["again"] = .optional(again?.rawValue)
        object.add(cost)
        var attempts: [(number: Int, calls: [TaskReceipt.Call])] = []
        for call in calls {
            if attempts.last?.number != call.entry.attempt { attempts.append((call.entry.attempt, [])) }
            attempts[attempts.count - 1].calls.append(call)
        }
        object["attempts"] = .array(
            attempts.map { ["attempt": .integer($0.number), "calls": .array($0.calls.map(\.json))] })
        return .object(object)
    }
}

extension TaskReceipt.Call {
    fileprivate var json: JSONValue {
        let account = entry.account
        var object = JSONObject()
        object["call"] = .integer(entry.number)
        object["after"] = .optional(after)
        object["purpose"] = .string(entry.purpose)
        object["provider"] = .string(entry.provider)
        object["model"] = .string(entry.model)
        object["outcome"] = .string(entry.outcome)
        object["http_status"] = entry.httpStatus.map { .integer($0) } ?? .null
        object["written_at"] = .time(entry.writtenAt)
        object["duration_ms"] = entry.duration.map { .integer($0.inMilliseconds) } ?? .null
        object["cost_basis"] = .string(account.basis.rawValue)
        object["tokens"] = account.usage?.json ?? .null
        object["estimated_tokens"] = account.estimate?.json ?? .null
        object["service_tier"] = .optional(account.serviceTier)
        object["price_id"] = .optional(account.price?.id)
        object["price_rates"] = .optional(account.price?.rates)
        object["cost_usd"] = .money(account.cost)
        object["estimate_usd"] = .money(account.expectedCost)
        object["hold_usd"] = .money(account.hold)
        object["check"] = .string(entry.check.name)
        object["prompt_version"] = .optional(entry.promptVersion)
        object["cuts"] = entry.cuts ?? .null
        return .object(object)
    }
}

extension TaskReceipt.Total {
    fileprivate var json: JSONValue {
        var object = JSONObject()
        object["name"] = .string(name)
        object["calls"] = .integer(calls)
        object["tokens"] = tokens.json
        object.add(cost)
        return .object(object)
    }
}

extension LedgerEntry {
    /// What stands in the ledger beside what it should be.
    fileprivate var differenceJSON: JSONValue {
        let again: Decimal6? = if case .differs(let amount) = check { amount } else { nil }
        return [
            "step_id": .integer(stepID), "attempt": .integer(attempt), "call": .integer(number),
            "cost_usd": .money(account.cost), "estimate_usd": .money(account.expectedCost),
            "recomputed_usd": .money(again), "price_id": .optional(account.price?.id), "check": .string(check.name),
        ]
    }
}

extension LedgerEntry.Check {
    fileprivate var name: String {
        switch self {
        case .agrees: "agrees"
        case .differs: "differs"
        case .impossible: "no_price"
        case .needless: "nothing_to_check"
        }
    }
}

extension TokenUsage {
    fileprivate var json: JSONValue {
        [
            "input": .integer(inputTokens), "cache_read": .integer(cacheReadTokens),
            "cache_write": .integer(cacheWriteTokens), "output": .integer(outputTokens),
            "reasoning": reasoningTokens.map { .integer($0) } ?? .null,
        ]
    }
}

extension JSONObject {
    /// The three sums, in USD.
    mutating func add(_ cost: CostSums) {
        self["cost_usd"] = .money(cost.proved)
        self["cost_expected_usd"] = .money(cost.expected)
        self["cost_at_most_usd"] = .money(cost.atMost)
    }
}

extension JSONValue {
    /// USD with six decimals; null if it is not known.
    fileprivate static func money(_ amount: Decimal6?) -> JSONValue { .optional(amount?.description) }
}
