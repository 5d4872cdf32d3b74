extension PlanDraft {
    /// The same plan without what a check of plans can object to: every rule is applied, whichever was broken.
    func mended(specialists: [String], requirements: [GivenRequirement], mostSubtasks: Int, deepest: Int) -> PlanDraft {
        var plan = self
        plan.subtasks = Array(plan.subtasks.prefix(max(1, mostSubtasks)))
        var keys: [String] = []
        var depths: [String: Int] = [:]
        for index in plan.subtasks.indices {
            var subtask = plan.subtasks[index]
            if subtask.key.isEmpty || keys.contains(subtask.key) || subtask.key.utf8.count > 32 {
                subtask.key = "s\(index + 1)"
            }
            if subtask.title.isEmpty { subtask.title = "Part \(index + 1)" }
            if subtask.description.isEmpty { subtask.description = "Work out \(subtask.title)." }
            if !specialists.contains(subtask.specialist), !specialists.isEmpty {
                subtask.specialist = specialists[index % specialists.count]
            }
            // Only what stands before and does not make the chain too long: neither cycle nor unknown key is left.
            subtask.dependencies = subtask.dependencies.filter { (depths[$0] ?? deepest) < deepest }
            depths[subtask.key] = 1 + (subtask.dependencies.compactMap { depths[$0] }.max() ?? 0)
            keys.append(subtask.key)
            plan.subtasks[index] = subtask
        }
        for (index, requirement) in plan.forgotten(of: requirements).enumerated() {
            plan.subtasks[index % plan.subtasks.count].covers.append(requirement.id)
        }
        return plan
    }

    /// The mistake that the errors speak of, made once more: whoever does not see the refused plan repeats it.
    func withMistake(of errors: [String]) -> PlanDraft {
        var plan = self
        let text = errors.joined(separator: "; ")
        guard let last = plan.subtasks.indices.last else { return plan }
        let named = text.split(separator: "'").enumerated().filter { $0.offset % 2 == 1 }.map { String($0.element) }
        if text.contains("not selected"), named.count > 1 {
            plan.subtasks[last].specialist = named[1]
        } else if text.contains("not in the plan"), named.count > 1 {
            plan.subtasks[last].dependencies.append(named[1])
        } else if text.contains("wait for each other") {
            plan.subtasks[last].dependencies = [plan.subtasks[last].key]
        } else if text.contains("at most"), let count = text.split(separator: " ").compactMap({ Int($0) }).first {
            let isDepth = text.contains("chain")
            while plan.subtasks.count < min(count, 64) {
                var more = plan.subtasks[last]
                more.key = "s\(plan.subtasks.count + 1)"
                if isDepth { more.dependencies = ["s\(plan.subtasks.count)"] }
                plan.subtasks.append(more)
            }
            if isDepth {
                for index in plan.subtasks.indices.dropFirst() {
                    plan.subtasks[index].dependencies = [plan.subtasks[index - 1].key]
                }
            }
        } else if text.contains("blank") {
            plan.subtasks[last].title = " "
        } else if text.contains("more than once"), last > 0 {
            plan.subtasks[last].key = plan.subtasks[0].key
            plan.subtasks[last].dependencies = []
        } else {
            let all = plan.subtasks.flatMap(\.covers)
            let lost = all.filter { text.contains($0) }
            let omitted = lost.isEmpty ? all.suffix(1) : lost[...]
            for index in plan.subtasks.indices {
                plan.subtasks[index].covers.removeAll(where: omitted.contains)
            }
        }
        return plan
    }
}
