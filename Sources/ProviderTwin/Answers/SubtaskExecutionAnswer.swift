/// Writes a Markdown solution of 300 to 2500 characters about the subtask, naming what it builds on.
struct SubtaskExecutionAnswer {
    let brief: Brief

    private static let remarks = [
        "The evidence points in one direction, with two caveats that are stated below.",
        "The figures are plausible in order of magnitude; the exact values depend on the period chosen.",
        "Three options were compared by effect, effort and risk; the middle one carries the best balance.",
        "The main driver outweighs all others, so the later steps should concentrate on it.",
        "Where sources disagree, the more recent and more specific one was preferred.",
        "A sensitivity check shows that the conclusion holds unless the leading assumption is off by a third.",
        "The most common mistake here is to read a short-term effect as a trend.",
        "Small pilots with a clear stopping rule are cheaper than a full plan that has to be undone.",
    ]

    /// Words of a plan's titles that are no subject of their own.
    private static let planWords: Set<String> = [
        "analyse", "analyze", "assess", "build", "compare", "consolidate", "create", "describe", "develop", "draft",
        "estimate", "examine", "plan", "provide", "recommend", "write",
    ]

    func compose() -> [UInt8] {
        var dice = brief.dice
        let subtask = brief.first("subtask")
        let title = subtask?.text(of: "title") ?? ""
        let name = Wording.clipped(title.isEmpty ? brief.taskTitle : title, 140)
        let specialist = subtask?["specialist"] ?? "specialist"
        let described = "\(name) \(brief.taskTitle) \(brief.taskDescription)"
        let words = Wording.keywords(described, limit: 16).filter { !Self.planWords.contains($0) }
        let subjects = words.isEmpty ? ["scope", "evidence", "effort"] : words
        let dependencies = brief.all("dependency")
        var json = JSONWriter(capacity: 3072)
        json.beginObject()
        json.field("content", content(name, specialist, subtask, subjects, dependencies, &dice))
        json.field("key_findings", subjects.prefix(3).map { "\(Wording.title($0)) decides a large part of \(name)." })
        json.field("assumptions", ["The description is complete.", "No rule changes during the period looked at."])
        let sources = dependencies.compactMap { $0["subtask"] }.map { "Subtask \($0)" }
        json.field("sources", ["Task description"] + sources.prefix(6))
        json.key("confidence")
        json.hundredths(70 + dice.pick(26))
        json.endObject()
        return json.bytes
    }

    private func content(
        _ name: String, _ specialist: String, _ subtask: PromptElement?, _ subjects: [String],
        _ dependencies: [PromptElement], _ dice: inout Dice
    ) -> String {
        var text = "## \(name)\n\n"
        let goal = Wording.sentences(subtask?.text(of: "description") ?? "", limit: 1).first ?? brief.taskTitle
        text += "This section answers \"\(name)\" from the point of view of the "
        text += "\(Wording.title(specialist).lowercased()). Its goal: \(goal).\n\n"
        for dependency in dependencies.prefix(3) {
            let excerpt = Wording.sentences(dependency.text, limit: 1).first ?? "its result"
            text += "It builds on \(dependency["subtask"] ?? "an earlier subtask") "
            text += "(\(dependency["specialist"] ?? "specialist")): \(Wording.clipped(excerpt, 120)).\n\n"
        }
        if let feedback = brief.first("feedback") {
            let requests = feedback.children.filter { $0.name == "request" }.map { Wording.clipped($0.text, 140) }
            text += "### Changes in this version\n\n"
            for request in requests.isEmpty ? [Wording.clipped(feedback.text, 140)] : Array(requests.prefix(3)) {
                text += "- Done: \(request)\n"
            }
            text += "\n"
        }
        let offset = dice.pick(Self.remarks.count)
        for index in 0..<(2 + dice.pick(3)) {
            let subject = subjects[index % subjects.count]
            text += "### \(Wording.title(subject))\n\n"
            text += "On \(subject): \(Self.remarks[(offset + index) % Self.remarks.count]) "
            text += "For \(Wording.clipped(brief.taskTitle, 80)) this means an effect of about "
            text += "\(5 + dice.pick(40)) % within \(2 + dice.pick(10)) months.\n\n"
        }
        return text + "**Conclusion.** \(Wording.title(subjects[0])) comes first; the rest follows in the order above."
    }
}
