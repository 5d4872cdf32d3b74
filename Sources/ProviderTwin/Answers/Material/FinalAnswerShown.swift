import JSON

/// A synthesis answer as a prompt shows it.
struct FinalAnswerShown {
    var version: Int
    var summary: String
    var sections: [(title: String, content: String)]
    var recommendations: [String]
    var answers: [(id: String, section: String, status: String)]
    var limitations: [String]

    /// Nil if there is no such section or it is no JSON object.
    init?(_ section: ShownSection?) {
        guard let section, let json = section.json, json.object != nil else { return nil }
        version = section["version"].flatMap { Int($0) } ?? 1
        summary = json["executive_summary"]?.string ?? ""
        sections = (json["sections"]?.array ?? []).map { ($0["title"]?.string ?? "", $0["content"]?.string ?? "") }
        recommendations = json.strings("recommendations")
        answers = (json["requirement_answers"]?.array ?? []).map {
            ($0["id"]?.string ?? "", $0["section"]?.string ?? "", $0["status"]?.string ?? "")
        }
        limitations = json.strings("limitations")
    }

    /// The sections' texts, joined.
    var body: String { sections.map { "\($0.title)\n\($0.content)" }.joined(separator: "\n") }
}
