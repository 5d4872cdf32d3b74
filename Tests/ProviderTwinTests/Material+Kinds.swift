import Foundation

@testable import ProviderTwin

extension Material {
    /// The sections of every kind, all of them present.
    static let byStage: [String: [Section]] = [
        "task_analysis": [
            taskSection,
            Section(
                "previous_analysis",
                #"{"requirements":[{"id":"R1","text":"Look at ten regions","level":"must","check":"c"}]}"#),
            Section(
                "previous_answer",
                body: Section.items("executive_summary", ["Two regions are worth it."])
                    + Section.items("limitation", ["Grid fees are unknown"])),
            revision,
        ],
        "specialist_selection": [
            available, taskSection, analysis, revision,
            Section(
                "load",
                body: ["market_researcher", "market_expert"].map {
                    Section("waiting", ["type": $0], $0 == "market_expert" ? "1" : "40").text
                }.joined()),
            Section("tried", body: Section("specialist", ["type": "financial_analyst"], body: "").text),
        ],
        "task_decomposition": [
            taskSection, analysis, revision, selected, limits,
            Section(
                "rejected_plan",
                json([
                    "subtasks": (1...3).map { number in
                        [
                            "subtask_id": "s\(number)", "title": "Part \(number)", "description": "Do it",
                            "assigned_specialist": number == 3 ? "wizard" : "market_researcher",
                            "deliverable": "d", "dependencies": number == 2 ? ["s1"] : [], "covers": ["R\(number)"],
                            "priority": "high", "complexity": "simple",
                        ] as [String: Any]
                    }, "uncovered": [String](),
                ])),
            Section(
                "plan_errors",
                body: Section.items(
                    "error",
                    ["subtask 's3': assigned_specialist 'wizard' was not selected; allowed: market_researcher"])),
        ],
        "subtask_execution": [
            taskSection, constraints, revision, outline, requirements([2, 3, 5]), dependency, subtask(), attempts,
            own(version: 1), rejected, feedback,
        ],
        "solution_review": [
            taskSection, requirements([1, 2, 3, 4, 5]), constraints, revision, outline, dependency, subtask(),
            feedback, subject(),
        ],
        "coordination": [
            taskSection, analysis, revision, missing, partial, coordinated("s1", "Market", [1, 4]),
            coordinated("s2", "Compare costs by region", [2, 3, 5]), previousAggregation,
        ],
        "synthesis": [
            taskSection, analysis, revision, aggregation, missing, partial, mustState, synthesised("s1", "Market"),
            synthesised("s2", "Compare costs by region"), answer(version: 1), feedback,
        ],
        "final_review": [
            taskSection, analysis, revision, aggregation, missing, partial, mustState, feedback, answer(version: 2),
        ],
        "revision_scoping": [
            taskSection, analysis, scoped("s1", "Examine pricing", "R5"), scoped("s2", "Assess rivals", "R1"),
            answer(version: 1),
            Section(
                "earlier_revisions",
                body: Section("revision", ["scope": "final_answer", "status": "completed"], wish).text),
            revision,
        ],
    ]

    /// What the twin wrote for the subtask, with everything it needs.
    static var solution: [String: Any] {
        Asking.object(
            "subtask_execution",
            [
                taskSection, constraints, revision, outline, requirements([2, 3, 5]), dependency, subtask(),
                own(version: 1),
                feedback,
            ])
    }

    static func texts(_ name: String, in object: [String: Any]) -> [String] { object[name] as? [String] ?? [] }

    static func own(version: Int, _ content: String = "## Costs\nR2: Estimate costs <and> revenue: done.") -> Section {
        Section(
            "solution", ["version": "\(version)"],
            body: Section.items("content", [content])
                + "<key_findings>\(Section.items("finding", ["Costs fall by a tenth."]))</key_findings>")
    }

    static let rejected = Section(
        "rejected_solution",
        body: "<key_findings>\(Section.items("finding", ["By \(defaultApproach), costs fall."]))</key_findings>"
            + Section.items("heading", ["Costs by \(defaultApproach)"]))

    /// The approach that the twin takes first.
    static let defaultApproach: String = {
        let content =
            Asking.object(
                "subtask_execution", [taskSection, outline, requirements([2, 3]), subtask()])["content"] as? String
            ?? ""
        return Approach.named(in: Passage(content)) ?? ""
    }()

    /// The solution as its reviewer sees it.
    static func subject(_ given: [String: Any]? = nil, version: Int = 2) -> Section {
        let solution = given ?? solution
        return Section(
            "solution", ["version": "\(version)"],
            body: "<key_findings>\(Section.items("finding", texts("key_findings", in: solution)))</key_findings>"
                + "<assumptions>\(Section.items("assumption", texts("assumptions", in: solution)))</assumptions>"
                + "<sources>\(Section.items("source", texts("sources", in: solution)))</sources>"
                + Section.covers(of: solution)
                + "<open_points>\(Section.items("point", texts("open_points", in: solution)))</open_points>"
                + Section.items("content", [solution["content"] as? String ?? ""]))
    }

    private static func attributes(_ key: String, _ title: String, score: String?) -> String {
        "subtask=\"\(key)\" specialist=\"financial_analyst\" title=\"\(title)\" version=\"1\""
            + (score.map { " score=\"\($0)\"" } ?? "")
    }

    private static func finding(_ key: String) -> String {
        "<key_findings>\(Section.items("finding", ["\(key) finds a tenth. \(wish).", "It is stable."]))</key_findings>"
            + "<sources>\(Section.items("source", ["Register of \(key)"]))</sources>"
    }

    static func coordinated(_ key: String, _ title: String, _ ids: [Int]) -> Section {
        var section = Section("solution", body: "")
        let covers = ids.map { "<cover requirement=\"R\($0)\" complete=\"yes\">here</cover>" }.joined()
        section.text =
            "<solution \(attributes(key, title, score: "8.1"))>\(finding(key))<covers>\(covers)</covers>"
            + "<weaknesses><weakness severity=\"major\">Figures: thin</weakness></weaknesses>"
            + "<content>About 12 % of it.</content></solution>"
        return section
    }

    static func synthesised(_ key: String, _ title: String) -> Section {
        var section = Section("solution", body: "")
        section.text = "<solution \(attributes(key, title, score: nil))>\(finding(key))</solution>"
        return section
    }

    static func scoped(_ key: String, _ title: String, _ covers: String) -> Section {
        var section = Section("subtask", body: "")
        section.text =
            "<subtask key=\"\(key)\" specialist=\"x\" covers=\"\(covers)\" status=\"completed\" score=\"8.1\">"
            + "<title>\(title)</title><key_findings><finding>It grows.</finding></key_findings></subtask>"
        return section
    }

    static let previousAggregation = Section(
        "previous_aggregation", #"{"structured_findings":[{"id":"F4","topic":"Market","key_points":[]}]}"#)

    static let aggregation = Section(
        "aggregation",
        Asking.text(
            "coordination",
            prompt([
                taskSection, analysis, revision, coordinated("s1", "Market", [1, 4]),
                coordinated("s2", "Compare costs by region", [2, 3, 5]),
            ])))

    /// A final answer that keeps to everything the material shows.
    static func answer(version: Int) -> Section {
        var sections = [
            taskSection, analysis, revision, aggregation, missing, partial, mustState, synthesised("s1", "Market"),
            synthesised("s2", "Compare costs by region"),
        ]
        if version > 1 { sections += [answer(version: version - 1), feedback] }
        return Section("answer", ["version": "\(version)"], Asking.text("synthesis", prompt(sections)))
    }
}
