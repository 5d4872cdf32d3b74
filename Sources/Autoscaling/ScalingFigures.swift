package import FleetCore
package import JSON
import UTC

/// What `/scaling` says: per agent type what waits and how many workers would help, per role how many are wanted.
package struct ScalingFigures: Sendable, Equatable {
    /// One agent type.
    package struct TypeFigures: Sendable, Equatable {
        package let agentType: String
        /// All that has not begun.
        package let backlog: Int
        /// What of it may go out now.
        package let admissible: Int
        package let usefulWorkers: Int
        /// Nil: nothing waits to go out.
        package let oldestAge: Duration?
    }

    package let types: [TypeFigures]
    package let roles: [AgentRole: Int]
    /// When the rows were read, by the database's clock: microseconds since 1970.
    package let asOf: Int

    /// - Parameter types: every agent type, with work or without.
    package init(_ types: [TypeBacklog], policy: ScalingPolicy, asOf: Int) {
        self.types = types.map { type in
            TypeFigures(
                agentType: type.agentType, backlog: type.backlog, admissible: policy.admissible(type),
                usefulWorkers: policy.usefulWorkers(type), oldestAge: type.oldestAge)
        }
        roles = policy.wanted(types)
        self.asOf = asOf
    }

    /// `{"types":[...],"roles":{...},"as_of":...}`.
    package var json: JSONValue {
        var wanted = JSONObject()
        for role in AgentRole.allCases { wanted[role.rawValue] = .integer(roles[role] ?? 0) }
        return [
            "types": .array(
                types.map { type in
                    [
                        "agent_type": .string(type.agentType), "backlog": .integer(type.backlog),
                        "admissible": .integer(type.admissible), "useful_workers": .integer(type.usefulWorkers),
                        "oldest_seconds": type.oldestAge.map { .double($0.inSeconds) } ?? .null,
                    ]
                }),
            "roles": .object(wanted), "as_of": .string(Timestamp.iso8601(microseconds: asOf)),
        ]
    }
}
