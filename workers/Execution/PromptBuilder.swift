import FleetCore

/// Puts a step's question together from its rows.
///
/// The instructions are the agent's prompt file; everything that users or models wrote goes into tagged sections with
/// `&`, `<` and `>` escaped, so that no text can close its section and pose as an instruction.
struct PromptBuilder: Sendable {
    let catalogue: AgentCatalogue

    /// The material of a step as tagged sections.
    func prompt(for step: ClaimedStep) -> String {
        var sections = Sections()
        task(step, &sections)
        revision(step, &sections)
        result("analysis", step.input.analysisStepID, step, &sections)
        specialists(step, &sections)
        subtasks(step, &sections)
        solutions(step, &sections)
        feedback(step, &sections)
        conclusion(step, &sections)
        return sections.text
    }

    /// The same question once more, with what was wrong with the answer.
    static func repair(_ prompt: String, invalidAnswer: String, problems: [String]) -> String {
        var sections = Sections()
        sections.add("invalid_answer", [], escape(String(invalidAnswer.prefix(20_000))))
        sections.add("errors", [], problems.map { "<error>\(escape($0))</error>" }.joined())
        return prompt + "\n" + sections.text
            + "\nThe answer above does not satisfy the schema. Answer again, completely, with these errors corrected."
    }

    private func task(_ step: ClaimedStep, _ sections: inout Sections) {
        let material = step.material
        var body = "<title>\(escape(material.taskTitle))</title>\n"
        body += "<description>\(escape(material.taskDescription))</description>"
        if let context = material.taskContext { body += "\n<context>\(escape(context))</context>" }
        sections.add("task", [("id", step.taskID)], body)
    }

    private func revision(_ step: ClaimedStep, _ sections: inout Sections) {
        guard let request = step.input.revisionRequest else { return }
        let areas = step.input.revisionAreas.map { "<area>\(escape($0))</area>" }.joined()
        sections.add("revision_request", [], escape(request) + areas)
    }

    private func result(_ tag: String, _ stepID: Int?, _ step: ClaimedStep, _ sections: inout Sections) {
        guard let stepID, let json = step.material.results[stepID] else { return }
        sections.add(tag, [], escape(json))
    }

    private func specialists(_ step: ClaimedStep, _ sections: inout Sections) {
        switch step.kind {
        case .specialistSelection:
            let entries = catalogue.specialists.map { agent in
                let text = "\(agent.description); capabilities: \(agent.capabilities.joined(separator: ", "))"
                return "<specialist type=\"\(attribute(agent.type))\" load=\"\(step.input.load[agent.type] ?? 0)\">"
                    + "\(escape(text))</specialist>"
            }
            sections.add("available_specialists", [], entries.joined(separator: "\n"))
        case .taskDecomposition:
            let entries = step.input.specialists.map { chosen in
                let capabilities = catalogue[chosen.type]?.capabilities.joined(separator: ", ") ?? ""
                let focus = chosen.focusAreas.joined(separator: "; ")
                return "<specialist type=\"\(attribute(chosen.type))\" focus=\"\(attribute(focus))\">"
                    + "\(escape(chosen.rationale)); capabilities: \(escape(capabilities))</specialist>"
            }
            sections.add("selected_specialists", [], entries.joined(separator: "\n"))
            if !step.input.planErrors.isEmpty {
                let errors = step.input.planErrors.map { "<error>\(escape($0))</error>" }.joined(separator: "\n")
                sections.add("plan_errors", [], errors)
            }
        default: break
        }
    }

    private func subtasks(_ step: ClaimedStep, _ sections: inout Sections) {
        let shown = step.material.subtasks.filter { subtask in
            step.kind == .revisionScoping || subtask.id == step.subtaskID
        }
        for subtask in shown {
            sections.add(
                "subtask", [("key", subtask.key), ("specialist", subtask.specialist)],
                """
                <title>\(escape(subtask.title))</title>
                <description>\(escape(subtask.description))</description>
                <deliverable>\(escape(subtask.deliverable))</deliverable>
                """)
        }
    }

    private func solutions(_ step: ClaimedStep, _ sections: inout Sections) {
        let tag = step.kind == .subtaskExecution ? "dependency" : "solution"
        for id in step.input.solutionStepIDs {
            guard let solution = step.material.solutions[id] else { continue }
            let subtask = step.material.subtasks.first { $0.id == solution.subtaskID }
            sections.add(
                tag, [("subtask", subtask?.key ?? ""), ("specialist", subtask?.specialist ?? "")],
                escape(solution.content))
        }
        guard let subject = step.input.subjectStepID, let solution = step.material.solutions[subject] else { return }
        let subtask = step.material.subtasks.first { $0.id == step.subtaskID }
        sections.add(
            "solution",
            [
                ("subtask", subtask?.key ?? ""), ("specialist", subtask?.specialist ?? ""),
                ("version", String(step.input.subjectVersion ?? 1)),
            ], escape(solution.content))
    }

    private func feedback(_ step: ClaimedStep, _ sections: inout Sections) {
        guard let id = step.input.reviewStepID, let json = step.material.results[id],
            let review = try? JSONValue(parsing: json)
        else { return }
        let requests = review.strings("revision_requests").map { "<request>\(escape($0))</request>" }.joined()
        sections.add("feedback", [], escape(review["feedback"]?.string ?? "") + requests)
    }

    private func conclusion(_ step: ClaimedStep, _ sections: inout Sections) {
        if let id = step.input.coordinationStepID, let solution = step.material.solutions[id] {
            sections.add("aggregation", [], escape(solution.content))
        }
        for key in step.input.missing.keys.sorted() {
            sections.add("missing", [("subtask", key)], escape(step.input.missing[key] ?? ""))
        }
        if let id = step.input.synthesisStepID, let solution = step.material.solutions[id] {
            let version = step.input.subjectVersion.map { [("version", String($0))] } ?? []
            sections.add("answer", version, escape(solution.content))
        }
    }

    private func escape(_ text: String) -> String { Self.escape(text) }

    static func escape(_ text: String) -> String {
        guard
            text.utf8.contains(where: { $0 == UInt8(ascii: "<") || $0 == UInt8(ascii: ">") || $0 == UInt8(ascii: "&") })
        else { return text }
        var escaped = ""
        escaped.reserveCapacity(text.utf8.count + 16)
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }

    /// Attribute values hold no quote either.
    private func attribute(_ text: String) -> String {
        String(Self.escape(text).map { $0 == "\"" ? "'" : $0 })
    }
}

/// Tagged sections, one after another.
private struct Sections {
    private(set) var text = ""

    mutating func add(_ tag: String, _ attributes: [(String, String)], _ body: String) {
        if !text.isEmpty { text += "\n" }
        text += "<\(tag)"
        for (name, value) in attributes {
            text += " \(name)=\"\(String(PromptBuilder.escape(value).map { $0 == "\"" ? "'" : $0 }))\""
        }
        text += ">\(body)</\(tag)>"
    }
}
