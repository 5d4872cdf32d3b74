import JSON

/// Reads title, description and context: keywords, requirements by sentence, capabilities by subject.
///
/// A full revision keeps the requirements of the previous analysis, adds those of the request, and asks again about
/// what the previous answer left open.
struct TaskAnalysisAnswer {
    let brief: Brief

    private static let mostSentences = 6
    private static let mostRequirements = 20

    func compose() -> [UInt8] {
        let text = brief.taskTitle + ". " + brief.taskDescription
        let context = brief.task?.child("context")?.json?.object ?? JSONObject()
        let previous = GivenRequirement.listed(in: brief.first("previous_analysis")?.json)
        let sentences = Wording.sentences(brief.taskDescription, limit: Self.mostSentences)
        let requirements = requirements(sentences, previous)
        let subjects = Subject.matches(in: text + " " + (brief.revision ?? ""))
        var json = JSONWriter(reservingCapacity: 4096)
        json.beginObject()
        json.field("summary", summary(sentences.first, previous, requirements))
        json.field("domain", subjects.first?.domain ?? "general")
        let keywords = Wording.keywords(text, limit: 10)
        json.field("keywords", keywords.isEmpty ? ["general"] : keywords)
        json.field("required_capabilities", Subject.capabilities(of: subjects))
        json.field("complexity", complexity(sentences.count))
        json.field("language", Language.tag(of: text, context: context))
        json.key("requirements")
        json.beginArray()
        for requirement in requirements { json.requirement(requirement) }
        json.endArray()
        json.field("constraints", constraints(sentences, context))
        json.field("open_questions", openQuestions(context))
        json.endObject()
        return json.bytes
    }

    private func summary(_ opening: String?, _ previous: [GivenRequirement], _ requirements: [GivenRequirement])
        -> String
    {
        var text = "\(brief.taskTitle): \(opening ?? "the request is stated in its title")."
        text += " The difficulty lies in serving \(requirements.count) requirements within one consistent answer."
        if let first = previous.first, let last = previous.last {
            text += " Keeps \(first.id) to \(last.id) of the previous analysis."
        }
        if let answer = brief.first("previous_answer") {
            let said = Mark.quoted(answer.text(of: "executive_summary"), 160)
            text += " The previous answer said: \(said.isEmpty ? "nothing" : said)."
        }
        if let revision = brief.quotedRevision { text += " \(Mark.asAsked) \(revision)" }
        return text
    }

    private func requirements(_ sentences: [String], _ previous: [GivenRequirement]) -> [GivenRequirement] {
        var requirements = previous
        if previous.isEmpty {
            let texts =
                !sentences.isEmpty
                ? sentences : [brief.task == nil ? "State what the task is" : "Deliver \(brief.taskTitle)"]
            for text in texts { requirements.append(NewRequirement.make(text, after: requirements)) }
        }
        for text in NewRequirement.texts(in: brief.first("revision_request")?.text ?? "") {
            if requirements.contains(where: { Mark.of($0.text) == Mark.of(text) }) { continue }
            requirements.append(NewRequirement.make(text, after: requirements))
        }
        return Array(requirements.prefix(Self.mostRequirements))
    }

    private func constraints(_ sentences: [String], _ context: JSONObject) -> [String] {
        var constraints = sentences.filter(Self.isConstraint).map { Mark.quoted($0, 160) }
        for item in context.members where !["domain", "constraints", "data", "stack"].contains(item.key) {
            if let text = item.value.string { constraints.append("\(item.key): \(Mark.quoted(text, 80))") }
            if let number = item.value.int { constraints.append("\(item.key): \(number)") }
        }
        constraints += JSONValue.object(context).strings("constraints")
        return Array(constraints.prefix(8))
    }

    private func openQuestions(_ context: JSONObject) -> [String] {
        var questions: [String] = []
        if brief.task == nil { questions.append("The task was not shown: nothing but its title can be assumed.") }
        if context["audience"] == nil {
            questions.append("Who reads the answer is not said; taken as: whoever asked.")
        }
        for limitation in brief.first("previous_answer")?.texts(of: "limitation").prefix(3) ?? [] {
            let text = Mark.quoted(limitation, 160)
            questions.append("The previous answer left open: \(text); taken as: to be settled now if possible.")
        }
        return questions
    }

    private func complexity(_ sentences: Int) -> String {
        let size = brief.taskDescription.utf8.count
        return size > 900 || sentences >= 6 ? "complex" : size > 200 || sentences >= 3 ? "moderate" : "simple"
    }

    private static func isConstraint(_ sentence: String) -> Bool {
        let words = Passage(sentence.lowercased())
        return [" must ", " only ", " within ", " at most ", " no more ", " budget", " deadline", " not "]
            .contains(where: words.contains)
    }
}
