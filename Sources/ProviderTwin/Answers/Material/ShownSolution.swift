/// A solution or a dependency as a prompt shows it; what is not shown is empty.
struct ShownSolution {
    var key: String
    var specialist: String
    var title: String
    var version: Int
    /// The weighted score of its review, in hundredths.
    var score: Int?
    /// It stayed below the bar.
    var isPartial: Bool
    /// A dependency of a dependency.
    var isIndirect: Bool
    var isCut: Bool
    var findings: [String]
    var assumptions: [String]
    var sources: [String]
    var covers: [(id: String, isComplete: Bool)]
    var openPoints: [String]
    var weaknesses: [String]
    var content: String

    init(_ element: ShownSection) {
        let children = element.children
        func items(_ list: String, _ item: String) -> [ShownSection] {
            children.first { $0.name == list }?.children(item) ?? []
        }
        func texts(_ list: String, _ item: String) -> [String] {
            items(list, item).map(\.text).filter { !$0.isEmpty }
        }
        key = element["subtask"] ?? ""
        specialist = element["specialist"] ?? ""
        title = element["title"] ?? ""
        version = element["version"].flatMap { Int($0) } ?? 1
        score = element["score"].flatMap { Double($0) }.map { Int(($0 * 100).rounded()) }
        isPartial = element["partial"] == "yes"
        isIndirect = element["indirect"] == "yes"
        isCut = children.contains { $0.name == "cut" }
        findings = texts("key_findings", "finding")
        assumptions = texts("assumptions", "assumption")
        sources = texts("sources", "source")
        covers = items("covers", "cover").map { ($0["requirement"] ?? "", $0["complete"] == "yes") }
        openPoints = texts("open_points", "point")
        weaknesses = items("weaknesses", "weakness").map { "\($0["severity"] ?? "minor"): \($0.text)" }
        content = children.first { $0.name == "content" }?.text ?? element.text
    }

    /// The finding by which others recognise that they built on it.
    var markerFinding: String {
        findings.first ?? Wording.sentences(content, limit: 1).first ?? ""
    }

    /// Everything it says.
    var passage: Passage { Passage(([content] + findings).joined(separator: "\n")) }
}
