import JSON

/// A plan while it is being written or mended.
struct PlanDraft {
    struct Subtask {
        var key: String
        var title: String
        var description: String
        var specialist: String
        var deliverable: String
        var dependencies: [String]
        var covers: [String]
        var priority: String
        var complexity: String
    }

    var subtasks: [Subtask]
    var uncovered: [(requirement: String, reason: String)] = []

    init(subtasks: [Subtask]) {
        self.subtasks = subtasks
    }

    /// Reads a task_decomposition answer; nil if it is none.
    init?(_ json: JSONValue?) {
        guard let items = json?["subtasks"]?.array, !items.isEmpty else { return nil }
        subtasks = items.map { item in
            Subtask(
                key: item["subtask_id"]?.string ?? "", title: item["title"]?.string ?? "",
                description: item["description"]?.string ?? "",
                specialist: item["assigned_specialist"]?.string ?? "",
                deliverable: item["deliverable"]?.string ?? "", dependencies: item.strings("dependencies"),
                covers: item.strings("covers"), priority: item["priority"]?.string ?? "medium",
                complexity: item["complexity"]?.string ?? "moderate"
            )
        }
        uncovered = (json?["uncovered"]?.array ?? []).map {
            ($0["requirement"]?.string ?? "", $0["reason"]?.string ?? "")
        }
    }

    /// The task_decomposition answer.
    var json: [UInt8] {
        var json = JSONWriter(reservingCapacity: 6144)
        json.beginObject()
        json.key("subtasks")
        json.beginArray()
        for subtask in subtasks {
            json.beginObject()
            json.field("subtask_id", subtask.key)
            json.field("title", subtask.title)
            json.field("description", subtask.description)
            json.field("assigned_specialist", subtask.specialist)
            json.field("deliverable", subtask.deliverable)
            json.field("dependencies", subtask.dependencies)
            json.field("covers", subtask.covers)
            json.field("priority", subtask.priority)
            json.field("complexity", subtask.complexity)
            json.endObject()
        }
        json.endArray()
        json.key("uncovered")
        json.beginArray()
        for (requirement, reason) in uncovered {
            json.beginObject()
            json.field("requirement", requirement)
            json.field("reason", reason)
            json.endObject()
        }
        json.endArray()
        json.endObject()
        return json.bytes
    }

    /// Requirements that are neither in a `covers` nor named as uncovered.
    func forgotten(of requirements: [GivenRequirement]) -> [GivenRequirement] {
        let known = Set(subtasks.flatMap(\.covers) + uncovered.map(\.requirement))
        return requirements.filter { !known.contains($0.id) }
    }
}
