/// Decides how far back a user's revision request reaches: everything, the subtasks it speaks of, or the wording.
struct RevisionScopingAnswer {
    let brief: Brief

    func compose() -> [UInt8] {
        let request = brief.first("revision_request")
        let areas = request?.children.filter { $0.name == "area" }.map(\.text) ?? []
        let text = ([request?.text ?? ""] + areas).joined(separator: " ")
        let (scope, keys) = scope(of: text, areas: areas)
        var json = JSONWriter(capacity: 512)
        json.beginObject()
        let reason =
            switch scope {
            case "full_task": "The request changes the task as a whole."
            case "specific_subtasks": "The request speaks of \(keys.joined(separator: ", ")) only."
            default: "The request concerns the final answer, not the work behind it."
            }
        json.field("rationale", reason)
        json.field("scope", scope)
        json.field("subtasks", keys)
        json.endObject()
        return json.bytes
    }

    private func scope(of text: String, areas: [String]) -> (scope: String, keys: [String]) {
        let words = text.lowercased()
        let wholes = ["start over", "from scratch", "everything", "entire", "whole task", "completely"]
        if wholes.contains(where: words.contains) { return ("full_task", []) }
        // Words of the task itself are in every subtask's title and tell nothing.
        let common = Set(Wording.keywords(brief.taskTitle, limit: 40).map(Wording.stem))
        let stems = Set(Wording.keywords(text, limit: 60).map(Wording.stem)).subtracting(common)
        let keys = brief.all("subtask").compactMap { element -> String? in
            guard let key = element["key"] else { return nil }
            let title = element.text(of: "title")
            let own = Wording.keywords("\(title) \(element["specialist"] ?? "")", limit: 40).map(Wording.stem)
            let isNamed = areas.contains(key) || areas.contains(title)
            return isNamed || own.contains(where: stems.contains) ? key : nil
        }
        return keys.isEmpty ? ("final_answer", []) : ("specific_subtasks", keys)
    }
}
