import JSON

/// One requirement, as the analysis lists it or a section shows it.
struct GivenRequirement: Equatable {
    var id: String
    var text: String
    var isMust: Bool
    var check: String

    /// The heading under which a solution answers it.
    var heading: String { "\(id): \(Mark.quoted(text, 120))" }

    /// A text answers a requirement if it names its id and repeats how it begins.
    func isAnswered(in passage: Passage) -> Bool {
        let mark = Mark.of(text)
        return passage.names(id) && (mark.isEmpty || passage.contains(mark))
    }

    /// The requirements of a task_analysis answer.
    static func listed(in analysis: JSONValue?) -> [GivenRequirement] {
        (analysis?["requirements"]?.array ?? []).compactMap { item in
            guard let id = item["id"]?.string, !id.isEmpty else { return nil }
            return GivenRequirement(
                id: id, text: item["text"]?.string ?? "", isMust: item["level"]?.string != "should",
                check: item["check"]?.string ?? ""
            )
        }
    }

    /// The requirements of a `<requirements>` section.
    static func shown(in section: ShownSection?) -> [GivenRequirement] {
        (section?.children("requirement") ?? []).compactMap { element in
            guard let id = element["id"], !id.isEmpty else { return nil }
            return GivenRequirement(
                id: id, text: element.text, isMust: element["level"] != "should", check: element.text(of: "check")
            )
        }
    }

    /// The ids from one text, separated by blanks.
    static func ids(_ text: String?) -> [String] {
        (text ?? "").split(whereSeparator: { $0 == " " || $0 == "," }).map(String.init)
    }

    /// The number that goes on after the last id.
    static func nextNumber(after requirements: [GivenRequirement]) -> Int {
        (requirements.compactMap { Int($0.id.dropFirst()) }.max() ?? 0) + 1
    }
}
