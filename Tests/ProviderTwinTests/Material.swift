import Foundation

@testable import ProviderTwin

/// Prompts of all nine kinds with every section of the input manifest, in its order. What models would have written
/// comes from the twin itself.
enum Material {
    static func prompt(_ sections: [Section]) -> String { sections.map(\.text).joined(separator: "\n") }

    static let taskSection = Section(
        "task",
        body: Section.items("title", ["Solar heat & storage"])
            + Section.items(
                "description",
                [
                    "Analyse the market in three regions. Estimate costs <and> revenue. "
                        + "The plan must stay within a small budget. It should name partners."
                ])
            + Section.items("context", [#"{"region":"EU","deadline":"2026-12-15"}"#]))
    static let task = taskSection.text

    static let requirementTexts = [
        "Analyse the market in three regions", "Estimate costs <and> revenue",
        "The plan must stay within a small budget",
        "It should name partners",
    ]
    static let wish = "Please redo the pricing of small roofs"
    static let revision = Section("revision_request", body: Section.escape(wish) + Section.items("area", ["pricing"]))

    /// An analysis whose last requirement came from the user's revision.
    static let analysisJSON: String = {
        let texts = requirementTexts + [wish]
        let requirements = texts.enumerated().map { index, text in
            [
                "id": "R\(index + 1)", "text": text, "level": index == 3 ? "should" : "must",
                "check": "A passage says it",
            ]
        }
        return json([
            "summary": "s", "domain": "energy", "keywords": ["market", "costs"],
            "required_capabilities": ["market_research", "budgeting", "alchemy"], "complexity": "moderate",
            "language": "en", "requirements": requirements, "constraints": ["Stay below EUR 100,000"],
            "open_questions": [String](),
        ])
    }()
    static let analysis = Section("analysis", analysisJSON)

    static let available = Section(
        "available_specialists",
        body: [
            ("financial_analyst", "Works with costs and revenue; capabilities: costs, revenue"),
            ("poet", "Writes verse; capabilities: rhyme"),
            ("market_researcher", "Knows the market; capabilities: market_research"),
            ("market_expert", "Knows the market; capabilities: market_research"),
            ("pricing_expert", "Sets pricing of roofs; capabilities: budgeting"),
            ("baker", "Bread; capabilities: dough"),
        ].map { Section("specialist", ["type": $0.0], $0.1).text }.joined(separator: "\n"))

    static let selected = Section(
        "selected_specialists",
        body: [
            ("market_researcher", "2", "market", "fits; capabilities: market"),
            ("financial_analyst", "1", "costs; revenue", "fits; capabilities: costs"),
            ("technical_writer", "3", "report", "fits; capabilities: writing"),
        ].map { Section("specialist", ["type": $0.0, "rank": $0.1, "focus": $0.2], $0.3).text }.joined(separator: "\n"))

    static let limits = Section("limits", ["max_subtasks": "12", "max_depth": "6"], body: "")

    static func requirements(_ ids: [Int]) -> Section {
        let texts = requirementTexts + [wish]
        return Section(
            "requirements",
            body: ids.map { id in
                "<requirement id=\"R\(id)\" level=\"\(id == 4 ? "should" : "must")\">"
                    + "\(Section.escape(texts[id - 1]))<check>A passage says it</check></requirement>"
            }.joined(separator: "\n"))
    }

    static let constraints = Section("constraints", body: Section.items("constraint", ["Stay below EUR 100,000"]))
    static let outline = Section(
        "plan_outline",
        body: ["Market", "Costs by region", "Report"].enumerated().map { index, title in
            Section("part", ["key": "s\(index + 1)", "specialist": "x"], title).text
        }.joined())

    static func subtask(_ key: String = "s2", title: String = "Compare costs by region", covers: String = "R2 R3")
        -> Section
    {
        Section(
            "subtask",
            [
                "key": key, "specialist": "financial_analyst", "priority": "high", "complexity": "complex",
                "covers": covers,
            ],
            body: Section.items("title", [title])
                + Section.items("description", ["Work out the costs. Name the basis."])
                + Section.items("deliverable", ["A section"]))
    }

    static let dependency = Section(
        "dependency", ["subtask": "s1", "specialist": "market_researcher", "title": "Market", "version": "1"],
        body: "<key_findings>\(Section.items("finding", ["The market grows in two of three regions."]))</key_findings>"
            + Section.items("content", ["## Markets\nThe market grows."]))

    static let attempts = Section(
        "attempts",
        body: Section("attempt", ["version": "1", "total": "6.2"], body: Section.items("request", ["Name the period"]))
            .text)

    static let feedback = Section(
        "feedback",
        body: "Two points are open." + Section("request", ["id": "Q1"], "Answer R3: The plan must stay").text
            + Section("request", ["id": "Q2"], "State the basis of the costs").text)

    static let missing = Section("missing", ["subtask": "s8"], "Grid study: the provider refused")
    static let partial = Section(
        "partial", ["subtask": "s3"],
        body: "Report: it stayed below the bar" + Section("weakness", ["severity": "major"], "No figures").text)
    static let mustState = Section(
        "must_state", body: Section.items("statement", ["Demand after 2030 was not looked at by anybody."]))

    static func json(_ value: Any) -> String {
        (try? JSONSerialization.data(withJSONObject: value, options: [.sortedKeys, .withoutEscapingSlashes]))
            .map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
}
