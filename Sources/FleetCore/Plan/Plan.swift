/// A compiled plan: safe to spend money on.
package struct Plan: Sendable, Equatable {
    /// One node of the plan.
    package struct Node: Sendable, Equatable {
        /// Name within the plan, as the manager gave it; at most 100 characters in a compiled plan.
        package var key: String
        /// Short name of the work, at most 500 characters.
        package var title: String
        /// Instructions for the specialist, complete by themselves; never blank in a compiled plan.
        package var description: String
        /// The expected result and its form; may be empty.
        package var deliverable: String
        /// Agent type that solves it: one of those selected for the task.
        package var specialist: String
        /// Keys of the nodes whose solutions it reads: it starts when all are accepted (I4).
        package var dependencies: [String]
        /// Ids of the requirements it serves; a template plan names none.
        package var covers: [String]
        /// As the manager gave it; stored with the subtask. Tickets go by the task's priority.
        package var priority: Priority
        /// Solved by the models for complex work.
        package var isComplex: Bool

        /// Checks nothing: ``PlanCompiler`` does.
        package init(
            key: String, title: String, description: String, deliverable: String, specialist: String,
            dependencies: [String] = [], covers: [String] = [], priority: Priority = .medium, isComplex: Bool = false
        ) {
            self.key = key
            self.title = title
            self.description = description
            self.deliverable = deliverable
            self.specialist = specialist
            self.dependencies = dependencies
            self.covers = covers
            self.priority = priority
            self.isComplex = isComplex
        }
    }

    /// Characters of a key, as far as a compiled plan has them.
    static let longestKey = 100
    /// Characters of a title; what is longer is cut.
    static let longestTitle = 500

    /// Every node after the nodes it depends on.
    package var nodes: [Node]
    /// Requirements that no node serves, with the manager's reason.
    package var uncovered: [String: String] = [:]

    /// Keys of the nodes that may run side by side, phase after phase: each node as early as its dependencies let it.
    package var phases: [[String]] {
        var phaseOf: [String: Int] = [:]
        var phases: [[String]] = []
        for node in nodes {
            let phase = node.dependencies.compactMap { phaseOf[$0] }.map { $0 + 1 }.max() ?? 0
            phaseOf[node.key] = phase
            if phase == phases.count { phases.append([]) }
            phases[phase].append(node.key)
        }
        return phases
    }

    /// Checks nothing: ``PlanCompiler`` does, and it gives the order.
    package init(nodes: [Node]) {
        self.nodes = nodes
    }
}

/// What is wrong with a plan; shown to the manager for its one repair.
package enum PlanProblem: Sendable, Equatable, CustomStringConvertible {
    case empty
    case tooMany(count: Int, limit: Int)
    case tooDeep(depth: Int, limit: Int)
    case duplicateKey(String)
    case longKey(key: String, limit: Int)
    case blank(key: String, field: String)
    case unknownSpecialist(key: String, type: String, allowed: [String])
    case unknownDependency(key: String, dependency: String)
    case cycle([String])
    case uncovered([String])
    case unknownRequirements(key: String, ids: [String])
    case coversNothing(key: String)

    /// A clause that the manager can act on; names the subtask.
    package var description: String {
        switch self {
        case .empty: "the plan has no subtasks"
        case .tooMany(let count, let limit): "the plan has \(count) subtasks; at most \(limit) are allowed"
        case .tooDeep(let depth, let limit):
            "the longest chain of dependencies has \(depth) subtasks; at most \(limit) are allowed"
        case .duplicateKey(let key): "subtask_id '\(key.shown)' is used more than once"
        case .longKey(let key, let limit): "subtask_id '\(key.shown)' is longer than \(limit) characters"
        case .blank(let key, let field): "subtask '\(key.shown)': \(field) is blank"
        case .unknownSpecialist(let key, let type, let allowed):
            "subtask '\(key.shown)': assigned_specialist '\(type.shown)' was not selected; allowed: "
                + allowed.joined(separator: ", ")
        case .unknownDependency(let key, let dependency):
            "subtask '\(key.shown)' depends on '\(dependency.shown)', which is not in the plan"
        case .cycle(let keys): "these subtasks wait for each other: \(keys.shown)"
        case .uncovered(let ids): "no subtask covers \(ids.shown), and `uncovered` gives no reason"
        case .coversNothing(let key): "subtask '\(key.shown)' covers no requirement"
        case .unknownRequirements(let key, let ids):
            "subtask '\(key.shown)' covers \(ids.shown), which the analysis does not have"
        }
    }
}

/// A plan that cannot be used, with everything that is wrong with it.
package struct PlanRejected: Error, Sendable, Equatable {
    /// Cycles and depth are looked for only if nothing else is wrong. Empty: no plan was given at all.
    package var problems: [PlanProblem]
}
