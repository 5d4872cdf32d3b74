import JSON

/// Decides how far back a user's revision request reaches: everything, the subtasks it speaks of, or the wording.
struct RevisionScopingAnswer {
    private enum Scope: String {
        case fullTask = "full_task"
        case subtasks = "specific_subtasks"
        case finalAnswer = "final_answer"
    }

    private let brief: Brief
    private let request: String
    private let areas: [String]
    private let requirements: [GivenRequirement]

    init(brief: Brief) {
        self.brief = brief
        let section = brief.first("revision_request")
        request = section?.text ?? ""
        areas = section?.texts(of: "area") ?? []
        requirements = GivenRequirement.listed(in: brief.analysis)
    }

    func compose() -> [UInt8] {
        let (scope, keys, reason) = decision
        var json = JSONWriter(reservingCapacity: 1024)
        json.beginObject()
        json.field("rationale", rationale(reason))
        json.key("new_requirements")
        json.beginArray()
        for requirement in newRequirements { json.requirement(requirement) }
        json.endArray()
        json.field("scope", scope.rawValue)
        json.field("subtasks", keys)
        json.endObject()
        return json.bytes
    }

    private func rationale(_ reason: String) -> String {
        var text = reason
        if brief.task == nil { text += " The task was not shown: its own words could not be told from the request's." }
        if brief.first("subtask") == nil { text += " No subtasks were shown." }
        if let earlier {
            text += " The same request was already carried out (\(earlier["scope"] ?? "unknown scope"))."
        } else if let count = brief.first("earlier_revisions")?.children("revision").count {
            text += " It goes beyond the \(count) earlier revisions."
        }
        if let mark = brief.quotedRevision { text += " Asked for: \(mark)" }
        return text
    }

    /// A completed revision with the same words.
    private var earlier: ShownSection? {
        brief.first("earlier_revisions")?.children("revision").first {
            $0["status"] == "completed" && Mark.of($0.text) == Mark.of(request)
        }
    }

    private var decision: (scope: Scope, keys: [String], reason: String) {
        if request.isEmpty { return (.finalAnswer, [], "No request was shown: nothing can be changed for it.") }
        if brief.analysis == nil {
            return (.fullTask, [], "Cannot tell what is concerned: the analysis was not shown.")
        }
        if brief.first("answer") == nil {
            return (.fullTask, [], "Cannot tell what is concerned: the answer was not shown.")
        }
        let words = Passage(request.lowercased())
        let wholes = ["start over", "from scratch", "everything", "entire", "whole task", "completely"]
        if wholes.contains(where: words.contains) {
            return (.fullTask, [], "The request changes the task as a whole.")
        }
        let subtasks = brief.all("subtask")
        if subtasks.isEmpty { return (.fullTask, [], "Cannot tell which work is concerned: no subtasks were shown.") }
        let keys = concerned(subtasks)
        if keys.isEmpty {
            return (.finalAnswer, [], "The request concerns the final answer, not the work behind it.")
        }
        return (.subtasks, keys, "The request speaks of \(keys.joined(separator: ", ")) only.")
    }

    /// The subtasks whose title, key findings or requirements share a word with the request.
    private func concerned(_ subtasks: [ShownSection]) -> [String] {
        // Words of the task itself are in every subtask's title and tell nothing.
        let common = Set(
            brief.task == nil ? [] : Wording.keywords(brief.taskTitle, limit: 40).map(Wording.stem))
        let text = ([request] + areas).joined(separator: " ")
        let stems = Set(Wording.keywords(text, limit: 60).map(Wording.stem)).subtracting(common)
        let asked = requirements.filter { shares($0.text, stems) }.map(\.id)
        return subtasks.compactMap { element -> String? in
            guard let key = element["key"] else { return nil }
            let title = element.text(of: "title")
            if areas.contains(key) || areas.contains(title) { return key }
            let findings = element.texts(of: "finding", in: "key_findings").joined(separator: " ")
            if shares("\(title) \(element["specialist"] ?? "") \(findings)", stems) { return key }
            return GivenRequirement.ids(element["covers"]).contains(where: asked.contains) ? key : nil
        }
    }

    private func shares(_ text: String, _ stems: Set<String>) -> Bool {
        Wording.keywords(text, limit: 120).contains { stems.contains(Wording.stem($0)) }
    }

    /// What the request asks for beyond the analysis; a request that was carried out before adds nothing.
    private var newRequirements: [GivenRequirement] {
        if earlier != nil || brief.analysis == nil { return [] }
        var all = requirements
        for text in NewRequirement.texts(in: request)
        where !all.contains(where: { Mark.of($0.text) == Mark.of(text) }) {
            all.append(NewRequirement.make(text, after: all))
        }
        return Array(all.dropFirst(requirements.count))
    }
}
