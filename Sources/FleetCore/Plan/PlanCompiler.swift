package import JSON

/// Turns the manager's decomposition into a plan, or says what is wrong with it, before anything is spent.
package struct PlanCompiler: Sendable {
    private let limits: WorkflowLimits

    /// Of the limits, only those on subtasks and depth count here.
    package init(limits: WorkflowLimits = WorkflowLimits()) {
        self.limits = limits
    }

    /// Compiles a validated task_decomposition answer.
    ///
    /// - Parameters:
    ///   - specialists: types that may be assigned.
    ///   - requirements: each `must` of them has to be covered, or named in `uncovered` with a reason; what covers names
    ///     has to be among them.
    package func compile(
        _ answer: JSONValue, specialists: [String], requirements: [Requirement]
    ) throws(PlanRejected) -> Plan {
        let nodes = (answer["subtasks"]?.array ?? []).map(node)
        var problems: [PlanProblem] = []
        if nodes.isEmpty { problems.append(.empty) }
        if nodes.count > limits.maximumSubtasks {
            problems.append(.tooMany(count: nodes.count, limit: limits.maximumSubtasks))
        }
        var keys: Set<String> = []
        for node in nodes where !keys.insert(node.key).inserted { problems.append(.duplicateKey(node.key)) }
        for node in nodes where node.key.unicodeScalars.count > Plan.longestKey {
            problems.append(.longKey(key: node.key, limit: Plan.longestKey))
        }
        for node in nodes {
            for (field, text) in [
                ("subtask_id", node.key), ("title", node.title), ("description", node.description),
            ] where text.allSatisfy(\.isWhitespace) {
                problems.append(.blank(key: node.key, field: field))
            }
            if !specialists.contains(node.specialist) {
                problems.append(.unknownSpecialist(key: node.key, type: node.specialist, allowed: specialists))
            }
            for dependency in node.dependencies where !keys.contains(dependency) {
                problems.append(.unknownDependency(key: node.key, dependency: dependency))
            }
        }
        let excuses = excuses(in: answer)
        problems += coverage(of: requirements, by: nodes, excuses)
        guard problems.isEmpty else { throw PlanRejected(problems: problems) }

        let (ordered, depth) = order(nodes)
        guard ordered.count == nodes.count else {
            let placed = Set(ordered.map(\.key))
            throw PlanRejected(problems: [.cycle(nodes.map(\.key).filter { !placed.contains($0) })])
        }
        guard depth <= limits.maximumDepth else {
            throw PlanRejected(problems: [.tooDeep(depth: depth, limit: limits.maximumDepth)])
        }
        var plan = Plan(nodes: ordered)
        let covered = Set(nodes.flatMap(\.covers))
        plan.uncovered = excuses.filter { !covered.contains($0.key) }
        return plan
    }

    /// Why the manager leaves requirements out, by id; a reason has to be given.
    private func excuses(in answer: JSONValue) -> [String: String] {
        var excuses: [String: String] = [:]
        for entry in answer["uncovered"]?.array ?? [] {
            guard let id = entry["requirement"]?.string, let reason = entry["reason"]?.string,
                reason.contains(where: { !$0.isWhitespace })
            else { continue }
            excuses[id] = reason
        }
        return excuses
    }

    private func coverage(
        of requirements: [Requirement], by nodes: [Plan.Node], _ excuses: [String: String]
    ) -> [PlanProblem] {
        var problems: [PlanProblem] = []
        let known = Set(requirements.map(\.id))
        for node in nodes {
            let unknown = node.covers.filter { !known.contains($0) }
            if !unknown.isEmpty { problems.append(.unknownRequirements(key: node.key, ids: unknown)) }
            if node.covers.isEmpty && !known.isEmpty { problems.append(.coversNothing(key: node.key)) }
        }
        let covered = Set(nodes.flatMap(\.covers)).union(excuses.keys)
        let uncovered = requirements.musts.map(\.id).filter { !covered.contains($0) }
        if !uncovered.isEmpty { problems.append(.uncovered(uncovered)) }
        return problems
    }

    /// The plan of last resort: every specialist looks at the whole task from its side, independently.
    package func template(title: String, description: String, specialists: [SelectedSpecialist]) -> Plan {
        Plan(
            nodes: specialists.enumerated().map { index, specialist in
                let focus =
                    specialist.focusAreas.isEmpty ? "" : " Focus on: \(specialist.focusAreas.joined(separator: ", "))."
                return Plan.Node(
                    key: "s\(index + 1)", title: "\(title) (\(specialist.type))".cut(to: Plan.longestTitle),
                    description:
                        "Work on the whole task from the point of view of your craft.\(focus)\n\n\(description)",
                    deliverable: "A self-contained contribution to the task.", specialist: specialist.type)
            })
    }

    /// Kahn's algorithm by levels; nodes on a cycle, or behind one, are left out.
    private func order(_ nodes: [Plan.Node]) -> (ordered: [Plan.Node], depth: Int) {
        var ordered: [Plan.Node] = []
        var placed: Set<String> = []
        var rest = nodes
        var depth = 0
        while !rest.isEmpty {
            let level = rest.filter { $0.dependencies.allSatisfy(placed.contains) }
            guard !level.isEmpty else { break }
            ordered += level
            placed.formUnion(level.map(\.key))
            rest.removeAll { placed.contains($0.key) }
            depth += 1
        }
        return (ordered, depth)
    }

    private func node(_ entry: JSONValue) -> Plan.Node {
        var seen: Set<String> = []
        return Plan.Node(
            key: entry["subtask_id"]?.string ?? "", title: (entry["title"]?.string ?? "").cut(to: Plan.longestTitle),
            description: entry["description"]?.string ?? "", deliverable: entry["deliverable"]?.string ?? "",
            specialist: entry["assigned_specialist"]?.string ?? "",
            dependencies: entry.strings("dependencies").filter { seen.insert($0).inserted },
            covers: entry.strings("covers"),
            priority: entry["priority"]?.string.flatMap(Priority.init(rawValue:)) ?? .medium,
            isComplex: entry["complexity"]?.string == "complex")
    }
}
