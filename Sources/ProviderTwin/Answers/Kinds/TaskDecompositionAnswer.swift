import JSON

/// Plans 2 to 6 subtasks over the selected specialists: the first half independent, the rest building on earlier ones,
/// every requirement covered. Dependencies always point back, so the graph has no cycle.
///
/// A refused plan that is shown with its errors is mended; without the plan the mistake is made again, and without the
/// errors the plan stays as it is.
struct TaskDecompositionAnswer {
    private let brief: Brief
    private let specialists: [ShownSection]
    private let requirements: [GivenRequirement]
    private let limits: (subtasks: Int, depth: Int)?

    private static let steps = ["Examine", "Assess", "Compare", "Develop", "Consolidate", "Recommend on"]

    init(brief: Brief) {
        self.brief = brief
        let ranked = brief.specialists(in: "selected_specialists").enumerated().map { place, element in
            (rank: element["rank"].flatMap { Int($0) } ?? place, place: place, element: element)
        }
        specialists = ranked.sorted { ($0.rank, $0.place) < ($1.rank, $1.place) }.map(\.element)
        requirements = GivenRequirement.listed(in: brief.analysis)
        limits = brief.first("limits").map {
            ($0["max_subtasks"].flatMap { Int($0) } ?? 12, $0["max_depth"].flatMap { Int($0) } ?? 6)
        }
    }

    func compose() -> [UInt8] {
        let errors = brief.first("plan_errors")?.texts(of: "error") ?? []
        let rejected = PlanDraft(brief.first("rejected_plan")?.json)
        if let rejected {
            if errors.isEmpty { return rejected.json }
            return mended(rejected).json
        }
        let plan = draft()
        return errors.isEmpty ? plan.json : plan.withMistake(of: errors).json
    }

    /// The refused plan with its faults removed and every description written anew.
    private func mended(_ rejected: PlanDraft) -> PlanDraft {
        var plan = rejected.mended(
            specialists: specialists.compactMap { $0["type"] }, requirements: requirements,
            mostSubtasks: limits?.subtasks ?? 2, deepest: limits?.depth ?? 1
        )
        for index in plan.subtasks.indices {
            let subtask = plan.subtasks[index]
            plan.subtasks[index].description = description(
                subtask.specialist, subtask.title, requirements.filter { subtask.covers.contains($0.id) },
                subtask.dependencies, takesRevision: index == plan.subtasks.count - 1
            )
        }
        return plan
    }

    private func draft() -> PlanDraft {
        var dice = brief.dice(brief.taskTitle)
        let wanted = max(2, min(6, specialists.count + dice.pick(2))) + (brief.revision == nil ? 0 : 1)
        // Without known limits the smallest plan is the only safe one.
        let count = max(1, min(wanted, limits?.subtasks ?? 2))
        var dependencies = Self.dependencies(count: count, dice: &dice)
        var depths = [Int](repeating: 1, count: count)
        for index in 0..<count {
            dependencies[index].removeAll { depths[$0] >= limits?.depth ?? 1 }
            depths[index] = 1 + (dependencies[index].map { depths[$0] }.max() ?? 0)
        }
        var plan = PlanDraft(
            subtasks: (0..<count).map {
                subtask($0, count: count, dependencies: dependencies[$0], isFirst: depths[$0] == 1)
            })
        if specialists.isEmpty {
            plan.uncovered = plan.forgotten(of: requirements).map { ($0.id, "No selected specialist was shown.") }
        }
        return plan
    }

    private func subtask(_ index: Int, count: Int, dependencies: [Int], isFirst: Bool) -> PlanDraft.Subtask {
        let specialist = specialists.isEmpty ? nil : specialists[index % specialists.count]
        let type = specialist?["type"] ?? "generalist"
        let foci = specialist?["focus"]?.split(separator: ";").map { Wording.trimmed(String($0)) } ?? []
        let covered = requirements.indices.filter { $0 % count == index || $0 == index % requirements.count }
            .map { requirements[$0] }
        // A specialist that comes again takes its next focus.
        let round = index / max(1, specialists.count)
        let subject = foci.isEmpty ? Wording.title(type).lowercased() : foci[round % foci.count]
        let takesRevision = brief.revision != nil && index == count - 1
        let step = takesRevision ? "Carry out the revision of" : Self.steps[index % Self.steps.count]
        let isServed = !specialists.isEmpty
        let given = dependencies.map { "s\($0 + 1)" }
        return PlanDraft.Subtask(
            key: "s\(index + 1)", title: "\(step) \(subject) for \(Mark.quoted(brief.taskTitle, 90))",
            description: description(type, subject, covered, given, takesRevision: takesRevision),
            specialist: type,
            deliverable: "A Markdown section of 400 to 900 words on \(subject) with findings, figures and their basis, "
                + "one heading for each requirement.",
            dependencies: given, covers: isServed ? covered.map(\.id) : [],
            priority: isFirst ? "high" : "medium",
            complexity: dependencies.count > 1 ? "complex" : index % 2 == 0 ? "moderate" : "simple"
        )
    }

    private func description(
        _ type: String, _ subject: String, _ covered: [GivenRequirement], _ given: [String], takesRevision: Bool
    ) -> String {
        var text = "As \(Wording.title(type).lowercased()), work out \(subject) for \(brief.taskTitle)."
        if brief.task == nil { text += " The task itself was not shown to the planner." }
        for requirement in covered {
            text += " \(requirement.id): \(Mark.quoted(requirement.text, 160))."
            if !requirement.check.isEmpty { text += " It is met if: \(Mark.quoted(requirement.check, 80))." }
        }
        if covered.isEmpty { text += " No requirement is known: cannot see the requirements." }
        if limits == nil { text += " The plan is kept small because no limits were shown." }
        if given.isEmpty {
            text += " Nothing is given but the task; state what is assumed."
        } else {
            text += " Given are the results of \(given.joined(separator: ", ")); build on them."
        }
        if let revision = brief.quotedRevision, takesRevision { text += " \(Mark.asAsked) \(revision)." }
        let constraints = brief.analysis?.strings("constraints") ?? []
        if let first = constraints.first { text += " Within these limits: \(Mark.quoted(first, 120))." }
        return text + " It succeeds if each requirement has a stated result that a reader can check."
    }

    /// The first half is independent, the last subtask needs the whole layer before it, the rest one or two.
    private static func dependencies(count: Int, dice: inout Draws) -> [[Int]] {
        let independent = (count + 1) / 2
        return (0..<count).map { index in
            guard index >= independent else { return [] }
            if index == count - 1, count > 2 { return Array(max(0, index - 2)..<index) }
            let one = dice.pick(independent)
            let two = dice.pick(independent)
            return Set([one, two]).sorted()
        }
    }
}
