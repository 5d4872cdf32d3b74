import JSON

/// Writes a Markdown solution of 400 to 900 words: an answer to each requirement, what it builds on, which constraints
/// it keeps, what it leaves to its neighbours, and on a revision what became of each request.
struct SubtaskExecutionAnswer {
    private let brief: Brief
    private let given: Assignment

    private static let leastFindings = 3
    private static let mostFindings = 7
    private static let contentBytes = 3400

    init(brief: Brief) {
        self.brief = brief
        given = Assignment(brief: brief)
    }

    func compose() -> [UInt8] {
        var filler = Filler(brief.dice("filler", given.key, given.title, given.approach))
        let findings = findings(&filler)
        var json = JSONWriter(reservingCapacity: 8192)
        json.beginObject()
        json.field("content", content(&filler))
        json.field("key_findings", findings)
        json.field("assumptions", assumptions)
        let sources = given.dependencies.map { "Subtask \($0.key): \(Mark.quoted($0.title, 80))" }
        json.field("sources", (brief.task == nil ? [] : ["Task description"]) + sources.prefix(6))
        json.key("covers")
        json.beginArray()
        for requirement in given.requirements {
            let isKept = !given.dropped.contains(requirement.id)
            json.beginObject()
            json.field("requirement", requirement.id)
            json.field("where", isKept ? requirement.heading : "")
            json.key("complete")
            json.write(isKept)
            json.endObject()
        }
        json.endArray()
        let open = openPoints
        json.field("open_points", open)
        json.key("confidence")
        json.write(hundredths: max(20, 72 + filler.percentage() / 2 - 15 * open.count))
        json.endObject()
        return json.bytes
    }

    /// The first one is what others recognise this solution by.
    private func findings(_ filler: inout Filler) -> [String] {
        let subject = Wording.keywords(given.title, limit: 4).last ?? "the matter"
        var findings = [
            "By \(given.approach), \(subject) carries about \(filler.percentage()) % of the result of "
                + "\(Mark.quoted(given.title, 80)) within \(filler.months()) months (\(given.key))."
        ]
        for requirement in given.kept.prefix(3) {
            findings.append(
                "\(requirement.id): \(Mark.quoted(requirement.text, 90)) comes to \(filler.percentage()) % "
                    + "by \(given.approach).")
        }
        for request in openRequests.prefix(2) {
            findings.append("What earlier reviews left open is met: \(Mark.quoted(request, 90)).")
        }
        if let revision = brief.quotedRevision { findings.append("\(Mark.asAsked) \(Mark.quoted(revision, 110)).") }
        while findings.count < Self.leastFindings { findings.append(filler.sentence(on: subject)) }
        return Array(findings.prefix(Self.mostFindings))
    }

    private var assumptions: [String] {
        var assumptions = ["The description is complete.", "No rule changes during the period looked at."]
        assumptions += given.dependencies.filter(\.isPartial).prefix(2).map {
            "The result of \($0.key), which stayed below the bar, holds in its main line."
        }
        return assumptions
    }

    private var openPoints: [String] {
        var points: [String] = []
        if brief.task == nil { points.append("The task was not shown.") }
        if given.subtask == nil { points.append("The subtask was not shown: its goal is guessed.") }
        if given.requirements.isEmpty { points.append("Cannot see the requirements: none were shown.") }
        if brief.first("plan_outline") == nil { points.append("No plan was shown: neighbours may do the same work.") }
        return points
    }

    /// The requests that earlier attempts left open, each once.
    private var openRequests: [String] {
        var requests: [String] = []
        for request in given.attempts.flatMap({ $0.texts(of: "request") }) where !requests.contains(request) {
            requests.append(request)
        }
        return requests
    }

    private func content(_ filler: inout Filler) -> String {
        let name = Wording.title(given.specialist).lowercased()
        var text = "## \(given.title)\n\n"
        let goal = Wording.sentences(given.subtask?.text(of: "description") ?? "", limit: 1).first ?? "not stated"
        text += "This part of \(brief.taskTitle) is seen as \(name). Its goal: \(Mark.quoted(goal, 200)). "
        if let deliverable = given.subtask?.text(of: "deliverable"), !deliverable.isEmpty {
            text += "Deliverable: \(Mark.quoted(deliverable, 120)). "
        }
        text += "\(Mark.approach(given.approach)).\n\n"
        text += start + basis + answers(&filler) + limits + changes + boundaries
        let subject = Wording.keywords(given.title, limit: 4).last ?? "the matter"
        let target = brief.isToBeShort ? 0 : Self.contentBytes - 200
        if text.utf8.count < target {
            text += "### Reading of the result\n\n"
            text += filler.paragraph(on: subject, bytes: target - text.utf8.count) + "\n\n"
        }
        return text + "**Conclusion.** \(Wording.title(subject)) comes first; the rest follows in the order above."
    }

    /// What becomes of earlier work: the own version is kept where it was right, another's rejected one is not repeated.
    private var start: String {
        var text = ""
        if let own = given.own {
            text += "### Kept from version \(own.version)\n\n"
            text += own.findings.prefix(2).map { "- \(Mark.quoted($0, 160))\n" }.joined() + "\n"
        }
        if given.rejected != nil {
            text += "### \(Mark.newStart)\n\nThe rejected solution of another specialist is not repeated; "
            text += "the work begins from the requirements.\n\n"
        }
        return text
    }

    private var basis: String {
        let used = given.dependencies.dropFirst(given.ignoresDependency ? 1 : 0)
        guard !used.isEmpty else { return "" }
        var text = "### Basis\n\n"
        for dependency in used {
            let finding = Mark.quoted(dependency.markerFinding, dependency.isIndirect ? 120 : 200)
            text += "- \(Mark.builds)\(dependency.key) (\(Mark.quoted(dependency.title, 60))): \"\(finding)\""
            text += dependency.isPartial ? "; it stayed below the bar and is used with care.\n" : "\n"
        }
        return text + "\n"
    }

    private func answers(_ filler: inout Filler) -> String {
        let bytes = brief.isToBeShort ? 0 : min(420, 2200 / max(1, given.kept.count))
        var text = ""
        for requirement in given.kept {
            let subject = Wording.keywords(requirement.text, limit: 3).last ?? "it"
            text += "### \(requirement.heading)\n\nOn \(subject), the answer is about \(filler.percentage()) % "
            text += "within \(filler.months()) months. "
            text += filler.paragraph(on: subject, bytes: bytes) + "\n\n"
        }
        return text
    }

    private var limits: String {
        var text = ""
        if !given.constraints.isEmpty {
            text += "### Constraints\n\n"
            for constraint in given.constraints.prefix(8) {
                text += "- \(Mark.constraintKept) \(Mark.quoted(constraint, 160))\n"
            }
            text += "\n"
        }
        if let revision = brief.quotedRevision {
            text += "### The user's revision\n\n\(Mark.asAsked) \(revision). The passages concerned are reworked.\n\n"
        }
        return text
    }

    private var changes: String {
        guard let feedback = given.feedback else { return earlier }
        var text = "### \(Mark.changes)\n\n"
        for (id, request) in feedback.requests.prefix(20) {
            text += "- \(id): \(Mark.quoted(request, 160)): done.\n"
        }
        if feedback.requests.isEmpty { text += "- \(Mark.quoted(feedback.text, 160)): considered.\n" }
        return text + "\n" + earlier
    }

    private var earlier: String {
        let requests = openRequests
        guard !requests.isEmpty else { return "" }
        let lines = requests.prefix(6).map { "- Still open before and met now: \(Mark.quoted($0, 160))\n" }
        return "### Requests of earlier reviews\n\n" + lines.joined() + "\n"
    }

    private var boundaries: String {
        guard brief.first("plan_outline") != nil else {
            return "### Beyond this part\n\nNo plan was shown, so this section treats \(Mark.wholeTask).\n\n"
        }
        guard !given.neighbours.isEmpty else { return "" }
        let parts = given.neighbours.prefix(20).map { part in
            "\(Mark.leftTo(part["key"] ?? "another part")): \(Mark.quoted(part.text, 60))"
        }
        return "### Not treated here\n\n- " + parts.joined(separator: "\n- ") + "\n\n"
    }
}
