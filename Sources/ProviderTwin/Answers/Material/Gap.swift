/// A part that the final answer has to admit: missing, below the bar, or a statement of the coordination.
struct Gap {
    enum Kind {
        case missing
        case partial
        case statement
    }

    var kind: Kind
    /// The subtask's key; empty for a statement.
    var key: String
    var text: String

    /// How a limitation begins that states it.
    var sentence: String {
        switch kind {
        case .missing: "\(key) is missing: \(Mark.quoted(text, 300))"
        case .partial: "\(key) stayed below the bar: \(Mark.quoted(text, 300))"
        case .statement: text
        }
    }

    /// What a review calls it.
    var part: String { kind == .statement ? text : key }

    /// Whether the limitations state it.
    func isStated(in limitations: Passage) -> Bool {
        switch kind {
        case .missing: limitations.contains("\(key) is missing")
        case .partial: limitations.contains("\(key) stayed below the bar")
        case .statement: limitations.contains(Mark.of(text))
        }
    }
}

extension Brief {
    /// Everything the prompt says must be admitted, in the order of its sections.
    var gaps: [Gap] {
        func parts(_ name: String, _ kind: Gap.Kind) -> [Gap] {
            all(name).map { element in
                let weaknesses = element.children("weakness").map(\.text)
                let text = [element.text] + weaknesses
                return Gap(kind: kind, key: element["subtask"] ?? "unknown", text: text.joined(separator: "; "))
            }
        }
        let statements = first("must_state")?.texts(of: "statement") ?? []
        return parts("missing", .missing) + parts("partial", .partial)
            + statements.map { Gap(kind: .statement, key: "", text: $0) }
    }
}
