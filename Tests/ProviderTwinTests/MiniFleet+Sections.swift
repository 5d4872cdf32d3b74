@testable import ProviderTwin

extension MiniFleet {
    static let catalogue = Section(
        "available_specialists",
        body: [
            ("financial_analyst", "Reads accounts and builds budgets", "financial_analysis, budgeting, forecasting"),
            ("market_researcher", "Knows markets and customers", "market_knowledge, competitor_analysis"),
            ("developer", "Builds software", "software_development, software_architecture, code_review"),
            ("legal_analyst", "Reads contracts and law", "legal_analysis, contract_review, regulatory_compliance"),
            ("technical_writer", "Writes documentation", "technical_writing, documentation"),
            ("data_analyst", "Defines metrics", "data_analysis, customer_insights"),
        ].map { Section("specialist", ["type": $0.0], "\($0.1); capabilities: \($0.2)").text }.joined(separator: "\n"))

    private static func list(_ name: String, _ item: String, _ texts: Any?) -> String {
        "<\(name)>\(Section.items(item, texts as? [String] ?? []))</\(name)>"
    }

    static func feedback(_ review: [String: Any]) -> Section {
        let requests = (review["revision_requests"] as? [[String: String]] ?? []).map {
            Section("request", ["id": $0["id"] ?? ""], $0["text"] ?? "").text
        }
        return Section(
            "feedback", body: Section.escape(review["feedback"] as? String ?? "") + requests.joined(separator: "\n"))
    }

    static func subtask(_ part: Part) -> Section {
        Section(
            "subtask",
            [
                "key": part.key, "specialist": part.specialist, "priority": "high", "complexity": "normal",
                "covers": part.covers.joined(separator: " "),
            ],
            body: Section.items("title", [part.title])
                + Section.items("description", [part.plan["description"] as? String ?? ""])
                + Section.items("deliverable", [part.plan["deliverable"] as? String ?? ""]))
    }

    static func dependency(_ part: Part) -> Section {
        Section(
            "dependency",
            ["subtask": part.key, "specialist": part.specialist, "title": part.title, "version": "\(part.version)"],
            body: list("key_findings", "finding", part.solution["key_findings"])
                + list("assumptions", "assumption", part.solution["assumptions"])
                + list("sources", "source", part.solution["sources"])
                + Section.items("content", [part.solution["content"] as? String ?? ""]))
    }

    static func planned(_ part: Part) -> Section {
        Section(
            "subtask",
            [
                "key": part.key, "specialist": part.specialist, "covers": part.covers.joined(separator: " "),
                "status": "completed", "score": "8.1",
            ],
            body: Section.items("title", [part.title]) + list("key_findings", "finding", part.solution["key_findings"]))
    }

    static func attempts(_ part: Part) -> Section {
        let requests = (part.review["revision_requests"] as? [[String: String]] ?? []).map { $0["text"] ?? "" }
        return Section(
            "attempts",
            body: Section(
                "attempt", ["version": "\(part.version)", "total": "6.1"], body: Section.items("request", requests)
            ).text)
    }

    static func own(_ part: Part, version: Int) -> Section {
        Section(
            "solution", ["version": "\(version)"],
            body: Section.items("content", [part.solution["content"] as? String ?? ""])
                + list("key_findings", "finding", part.solution["key_findings"]))
    }

    static func rejected(_ part: Part) -> Section {
        let lines = (part.solution["content"] as? String ?? "").split(separator: "\n").filter { $0.hasPrefix("#") }
        return Section(
            "rejected_solution",
            body: list("key_findings", "finding", part.solution["key_findings"])
                + Section.items("heading", lines.map { String($0.drop { $0 == "#" || $0 == " " }) }))
    }

    static func coordinated(_ part: Part) -> Section {
        let weaknesses = (part.review["weaknesses"] as? [[String: String]] ?? [])
            .filter { $0["severity"] != "minor" }
            .map { Section("weakness", ["severity": $0["severity"] ?? ""], $0["text"] ?? "").text }
        return Section(
            "solution",
            [
                "subtask": part.key, "specialist": part.specialist, "title": part.title,
                "version": "\(part.version)", "score": "\(score(part.review))",
            ],
            body: list("key_findings", "finding", part.solution["key_findings"])
                + list("assumptions", "assumption", part.solution["assumptions"])
                + list("sources", "source", part.solution["sources"])
                + Section.covers(of: part.solution)
                + "<weaknesses>\(weaknesses.joined())</weaknesses>"
                + Section.items("content", [part.solution["content"] as? String ?? ""]))
    }

    static func synthesised(_ part: Part) -> Section {
        Section(
            "solution",
            [
                "subtask": part.key, "specialist": part.specialist, "title": part.title,
                "version": "\(part.version)",
            ],
            body: list("key_findings", "finding", part.solution["key_findings"])
                + list("sources", "source", part.solution["sources"]))
    }
}
