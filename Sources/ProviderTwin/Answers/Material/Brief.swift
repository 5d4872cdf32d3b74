import JSON

/// The prompt of one request, opened for the stage that answers it.
struct Brief {
    let sections: [ShownSection]
    let stage: String
    let mode: AnswerMode
    /// The twin's seed; everything drawn comes from it, the stage and stable parts of the material, never from the
    /// whole prompt: a section that is left out changes what the answer can know, not what is drawn.
    let seed: UInt64
    /// Nil if the prompt shows no task.
    let task: ShownSection?
    let taskTitle: String
    let taskDescription: String

    init(prompt: [UInt8], stage: String, seed: UInt64, mode: AnswerMode) {
        sections = ShownSection.parse(prompt[...])
        task = sections.first { $0.name == "task" }
        let title = task?.text(of: "title") ?? ""
        taskTitle = Mark.quoted(title.isEmpty ? "the task" : title, 160)
        taskDescription = task?.text(of: "description") ?? ""
        self.stage = stage
        self.seed = seed
        self.mode = mode
    }

    func first(_ name: String) -> ShownSection? {
        sections.first { $0.name == name }
    }

    func all(_ name: String) -> [ShownSection] {
        sections.filter { $0.name == name }
    }

    /// The specialists inside a list section.
    func specialists(in list: String) -> [ShownSection] {
        first(list)?.children("specialist").filter { $0["type"]?.isEmpty == false } ?? []
    }

    /// Draws that depend on the seed, the stage and the texts only.
    func dice(_ texts: String...) -> Draws {
        var hash = StableHash(seed)
        hash.combine(stage)
        for text in texts { hash.combine(text) }
        return Draws(hash.value)
    }

    /// The task_analysis answer, if the prompt shows a readable one.
    var analysis: JSONValue? { first("analysis")?.json }

    /// What the user wants changed, with the areas named; nil if the prompt shows no such wish.
    var revision: String? {
        guard let section = first("revision_request") else { return nil }
        let areas = section.texts(of: "area")
        return section.text + (areas.isEmpty ? "" : " (\(areas.joined(separator: ", ")))")
    }

    /// The wish as it is quoted: its beginning is what a reviewer looks for.
    var quotedRevision: String? { revision.map { Mark.quoted($0, 200) } }

    /// The last answer broke a limit of length, so this one must be shorter.
    var isToBeShort: Bool { first("errors") != nil && first("invalid_answer") == nil }
}
