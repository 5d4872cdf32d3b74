/// The ways in which a specialist can go about a subtask; a solution names the one it takes.
enum Approach {
    static let all = [
        "bottom-up estimate", "comparison of cases", "top-down breakdown", "scenario analysis", "expert checklist",
        "decision tree",
    ]

    /// The approach of a first solution, or the next one that none of the texts takes.
    static func chosen(draw: Int, avoiding texts: [String]) -> String {
        let passage = Passage(texts.joined(separator: "\n"))
        let order = all.indices.map { all[(draw + $0) % all.count] }
        return order.first { !passage.contains($0) } ?? order[0]
    }

    /// The approach that a text says it takes.
    static func named(in passage: Passage) -> String? {
        all.first { passage.contains(Mark.approach($0)) }
    }
}
