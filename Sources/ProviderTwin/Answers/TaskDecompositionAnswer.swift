/// Plans 2 to 6 subtasks over the selected specialists: a first phase without dependencies, later phases that build
/// on earlier ones, every requirement covered. Dependencies always point back, so the graph has no cycle.
struct TaskDecompositionAnswer {
    private var brief: Brief
    private let specialists: [PromptElement]
    private let requirements: [(id: String, text: String)]

    private static let steps = ["Examine", "Assess", "Compare", "Develop", "Consolidate", "Recommend on"]

    init(brief: Brief) {
        self.brief = brief
        let selected = brief.specialists(in: "selected_specialists")
        specialists = selected.isEmpty ? brief.specialists(in: "available_specialists") : selected
        let listed = brief.first("analysis")?.json?["requirements"]?.array?.compactMap { item -> (String, String)? in
            item["id"]?.string.map { ($0, item["text"]?.string ?? "") }
        }
        requirements = (listed ?? []).map { (id: $0.0, text: $0.1) }
    }

    func compose() -> [UInt8] {
        var dice = brief.dice
        let count = max(2, min(6, specialists.count + dice.pick(2)))
        let dependencies = Self.dependencies(count: count, dice: &dice)
        var phases = [Int](repeating: 1, count: count)
        for index in 0..<count {
            phases[index] = 1 + (dependencies[index].map { phases[$0] }.max() ?? 0)
        }
        var json = JSONWriter(capacity: 2048)
        json.beginObject()
        json.key("subtasks")
        json.beginArray()
        for index in 0..<count {
            subtask(index, count: count, dependencies: dependencies[index], phase: phases[index], to: &json)
        }
        json.endArray()
        json.key("execution_phases")
        json.beginArray()
        for phase in 1...(phases.max() ?? 1) {
            json.beginObject()
            json.field("phase", phase)
            json.field("subtasks", (0..<count).filter { phases[$0] == phase }.map { "s\($0 + 1)" })
            json.field(
                "description", phase == 1 ? "Independent groundwork." : "Work that builds on phase \(phase - 1).")
            json.endObject()
        }
        json.endArray()
        json.endObject()
        return json.bytes
    }

    private func subtask(_ index: Int, count: Int, dependencies: [Int], phase: Int, to json: inout JSONWriter) {
        let specialist = specialists.isEmpty ? nil : specialists[index % specialists.count]
        let type = specialist?["type"] ?? "generalist"
        let focus = specialist?["focus"].flatMap { $0.split(separator: ";").first }.map(String.init)
        let covered = requirements.indices.filter { $0 % count == index || $0 == index % requirements.count }
        let subject = focus ?? Wording.title(type).lowercased()
        json.beginObject()
        json.field("subtask_id", "s\(index + 1)")
        json.field(
            "title", "\(Self.steps[index % Self.steps.count]) \(subject) for \(Wording.clipped(brief.taskTitle, 90))")
        var description = "As \(Wording.title(type).lowercased()), work out this part of \(brief.taskTitle)."
        if let first = covered.first { description += " In particular: \(requirements[first].text)." }
        if let revision = brief.revision { description += " Take the revision into account: \(revision)" }
        json.field("description", description)
        json.field("assigned_specialist", type)
        json.field("deliverable", "A Markdown section on \(subject) with findings and their basis.")
        json.field("dependencies", dependencies.map { "s\($0 + 1)" })
        json.field("covers", covered.map { requirements[$0].id })
        json.field("priority", phase == 1 ? "high" : "medium")
        json.field("complexity", dependencies.count > 1 ? "complex" : index % 2 == 0 ? "moderate" : "simple")
        json.endObject()
    }

    /// The first half is independent, the last subtask needs the whole layer before it, the rest one or two.
    private static func dependencies(count: Int, dice: inout Dice) -> [[Int]] {
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
