/// The prompt of one request, opened for the stage that answers it.
struct Brief {
    let sections: [PromptElement]
    let taskID: String
    let taskTitle: String
    let taskDescription: String
    /// The twin's seed; verdicts are drawn from it and from what is judged.
    let seed: UInt64
    /// Draws wording; seeded from the seed, the stage and the whole prompt.
    var dice: Dice

    init(prompt: [UInt8], system: [UInt8], stage: String, seed: UInt64) {
        sections = PromptElement.parse(prompt[...])
        let task = sections.first { $0.name == "task" }
        taskID = task?["id"] ?? ""
        let title = task?.text(of: "title") ?? ""
        taskTitle = Wording.clipped(title.isEmpty ? "the task" : title, 160)
        taskDescription = task?.text(of: "description") ?? ""
        self.seed = seed
        var hash = StableHash(seed)
        hash.combine(stage)
        hash.combine(system)
        hash.combine(prompt)
        dice = Dice(hash.value)
    }

    func first(_ name: String) -> PromptElement? {
        sections.first { $0.name == name }
    }

    func all(_ name: String) -> [PromptElement] {
        sections.filter { $0.name == name }
    }

    /// The specialists inside a list section.
    func specialists(in list: String) -> [PromptElement] {
        first(list)?.children.filter { $0.name == "specialist" && $0["type"]?.isEmpty == false } ?? []
    }

    /// A number in 0..<1 that depends on the seed and the texts only.
    func verdict(_ texts: String...) -> Double {
        var hash = StableHash(seed)
        for text in texts { hash.combine(text) }
        return Double(hash.value >> 11) / Double(1 << 53)
    }

    /// What the user asked to be changed, if anything.
    var revision: String? {
        first("revision_request").map { Wording.clipped($0.text, 200) }
    }
}
