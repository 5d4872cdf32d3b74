import Foundation

@testable import ProviderTwin

/// A whole task from analysis to final review, with complete prompts and nothing but the twin behind them.
struct MiniFleet {
    var seed: UInt64 = 7
    var mode = AnswerMode.inputs
    /// Tags that no prompt of a stage shows.
    var hidden: [String: Set<String>] = [:]

    /// What happened on the way.
    struct Outcome {
        var firstVersions = 0
        var refusedFirst = 0
        var rejectedFirst = 0
        /// First versions that really lack a requirement they were given, and how many of them were not accepted.
        var faulty = 0
        var caught = 0
        var laterVersions = 0
        var refusedLater = 0
        var isApproved = false
        var finalVersions = 0
        var scope = ""
        /// Musts that the final answer neither answers nor admits.
        var silentMusts: [String] = []
        var limitations: [String] = []
        var bytes: [String: [Int]] = [:]
        var words: [Int] = []
        /// What a later revision begins with.
        var end = End()
    }

    /// How a task has ended.
    struct End {
        var task = Section("task", body: "")
        var analysis: [String: Any] = [:]
        var parts: [Part] = []
        var aggregation: Section?
        var answer: Section?
    }

    struct Part {
        var plan: [String: Any]
        var solution: [String: Any] = [:]
        var review: [String: Any] = [:]
        var version = 0
        var isPartial = false

        var key: String { plan["subtask_id"] as? String ?? "" }
        var title: String { plan["title"] as? String ?? "" }
        var specialist: String { plan["assigned_specialist"] as? String ?? "" }
        var covers: [String] { plan["covers"] as? [String] ?? [] }
        var dependencies: [String] { plan["dependencies"] as? [String] ?? [] }
    }

    func run(title: String, description: String, context: String? = nil) -> Outcome {
        var outcome = Outcome()
        let task = Section(
            "task",
            body: Section.items("title", [title]) + Section.items("description", [description])
                + (context.map { Section.items("context", [$0]) } ?? ""))
        let analysis = ask("task_analysis", [task], &outcome)
        let analysisSection = Section("analysis", Material.json(analysis))
        let selection = ask("specialist_selection", [Self.catalogue, task, analysisSection], &outcome)
        let chosen = selection["specialists"] as? [[String: Any]] ?? []
        let selected = chosen.enumerated().map { index, entry in
            Section(
                "specialist",
                [
                    "type": entry["type"] as? String ?? "", "rank": "\(index + 1)",
                    "focus": (entry["focus_areas"] as? [String] ?? []).joined(separator: "; "),
                ], entry["rationale"] as? String ?? ""
            ).text
        }
        let plan = ask(
            "task_decomposition",
            [
                task, analysisSection, Section("selected_specialists", body: selected.joined(separator: "\n")),
                Material.limits,
            ], &outcome)
        var parts = (plan["subtasks"] as? [[String: Any]] ?? []).map { Part(plan: $0) }
        let shared = Shared(task: task, analysis: analysis, parts: parts.map { ($0.key, $0.specialist, $0.title) })
        for index in parts.indices { solve(index, &parts, shared, &outcome) }
        conclude(parts, shared, &outcome)
        return outcome
    }

    /// What the user asks for after the end: scoping, the subtasks concerned, and a new answer.
    func revise(_ end: End, request: String) -> Outcome {
        var outcome = Outcome()
        let revision = Section("revision_request", request)
        let plan = end.parts.map(Self.planned)
        let scoping = ask(
            "revision_scoping",
            [end.task, Section("analysis", Material.json(end.analysis))] + plan + [end.answer].compactMap(\.self)
                + [revision], &outcome)
        var analysis = end.analysis
        let added = scoping["new_requirements"] as? [[String: Any]] ?? []
        analysis["requirements"] = (analysis["requirements"] as? [[String: Any]] ?? []) + added
        var parts = end.parts
        let shared = Shared(
            task: end.task, analysis: analysis, parts: parts.map { ($0.key, $0.specialist, $0.title) },
            revision: [revision], added: added.compactMap { $0["id"] as? String })
        let keys = scoping["subtasks"] as? [String] ?? []
        for index in parts.indices where keys.contains(parts[index].key) { solve(index, &parts, shared, &outcome) }
        outcome.scope = scoping["scope"] as? String ?? ""
        conclude(parts, shared, after: end, isAggregated: !keys.isEmpty, &outcome)
        return outcome
    }

    private struct Shared {
        var task: Section
        var analysis: [String: Any]
        var parts: [(key: String, specialist: String, title: String)]
        var revision: [Section] = []
        /// Ids of requirements that the revision added: every subtask is shown them.
        var added: [String] = []

        var requirements: [[String: Any]] { analysis["requirements"] as? [[String: Any]] ?? [] }

        func requirements(_ ids: [String]) -> Section {
            Section(
                "requirements",
                body: requirements.filter { ids.isEmpty || ids.contains($0["id"] as? String ?? "") }.map { entry in
                    let head = "<requirement id=\"\(entry["id"] ?? "")\" level=\"\(entry["level"] ?? "")\">"
                    let check = Section.items("check", [entry["check"] as? String ?? ""])
                    return head + Section.escape(entry["text"] as? String ?? "") + check + "</requirement>"
                }.joined(separator: "\n"))
        }

        var constraints: [Section] {
            let texts = analysis["constraints"] as? [String] ?? []
            return texts.isEmpty ? [] : [Section("constraints", body: Section.items("constraint", texts))]
        }

        var outline: Section {
            Section(
                "plan_outline",
                body: parts.map { Section("part", ["key": $0.key, "specialist": $0.specialist], $0.title).text }
                    .joined(separator: "\n"))
        }
    }

    private func ask(_ stage: String, _ sections: [Section], _ outcome: inout Outcome) -> [String: Any] {
        let shown = sections.filter { hidden[stage]?.contains($0.tag) != true }
        let text = Asking.text(stage, Material.prompt(shown), seed: seed, mode: mode)
        outcome.bytes[stage, default: []].append(text.utf8.count)
        return WireFormatTests.object(text) as? [String: Any] ?? [:]
    }

    private func solve(_ index: Int, _ parts: inout [Part], _ shared: Shared, _ outcome: inout Outcome) {
        var part = parts[index]
        let subtask = Self.subtask(part)
        let dependencies = part.dependencies.compactMap { key in parts.first { $0.key == key } }.map(Self.dependency)
        let common = [shared.task] + shared.constraints + shared.revision + [shared.outline]
        let given = part.covers.isEmpty ? [] : part.covers + shared.added
        var line = part.version
        var extra = line == 0 ? [] : [Self.own(part, version: line)]
        var feedback: [Section] = []
        let last = part.version + 4
        while part.version < last {
            part.solution = ask(
                "subtask_execution",
                common + [shared.requirements(given)] + dependencies + [subtask] + extra, &outcome)
            part.version += 1
            line += 1
            let content = part.solution["content"] as? String ?? ""
            outcome.words.append(content.split(whereSeparator: \.isWhitespace).count)
            part.review = ask(
                "solution_review",
                [shared.task, shared.requirements([])] + shared.constraints + shared.revision + [shared.outline]
                    + dependencies + [subtask] + feedback + [Material.subject(part.solution, version: line)], &outcome)
            let score = Self.score(part.review)
            let isFaulty = shared.requirements.contains { entry in
                let id = entry["id"] as? String ?? ""
                return entry["level"] as? String == "must" && part.covers.contains(id) && !content.contains("\(id): ")
            }
            if part.version == 1 {
                outcome.firstVersions += 1
                outcome.refusedFirst += score < 7 ? 1 : 0
                outcome.rejectedFirst += score < 5 ? 1 : 0
                outcome.faulty += isFaulty ? 1 : 0
                outcome.caught += isFaulty && score < 7 ? 1 : 0
            } else {
                outcome.laterVersions += 1
                outcome.refusedLater += score < 7 ? 1 : 0
            }
            if score >= 7 { break }
            feedback = [Self.feedback(part.review)]
            if score < 5 {
                part.plan["assigned_specialist"] = "generalist"
                extra = [Self.rejected(part)] + feedback
                line = 0
            } else {
                extra = [Self.attempts(part), Self.own(part, version: line)] + feedback
            }
        }
        part.isPartial = Self.score(part.review) < 7
        parts[index] = part
    }

    private func conclude(
        _ parts: [Part], _ shared: Shared, after end: End? = nil, isAggregated: Bool = true, _ outcome: inout Outcome
    ) {
        let analysis = Section("analysis", Material.json(shared.analysis))
        let known = [shared.task, analysis] + shared.revision
        var material = parts.filter(\.isPartial).map { Section("partial", ["subtask": $0.key], "\($0.title): below") }
        var aggregation = end?.aggregation
        if isAggregated {
            let previous = aggregation.map { [Section("previous_aggregation", body: $0.body)] } ?? []
            let coordination = ask(
                "coordination", known + material + parts.map(Self.coordinated) + previous, &outcome)
            let gaps = (coordination["identified_gaps"] as? [[String: Any]] ?? []).compactMap { $0["text"] as? String }
            if !gaps.isEmpty { material.append(Section("must_state", body: Section.items("statement", gaps))) }
            aggregation = Section("aggregation", Material.json(coordination))
        }
        var answer: [String: Any] = [:]
        var shown = end?.answer
        var feedback: [Section] = []
        for version in 1...3 {
            answer = ask(
                "synthesis",
                known + [aggregation].compactMap(\.self) + material + parts.map(Self.synthesised)
                    + [shown].compactMap(\.self) + feedback, &outcome)
            let number = version + (end == nil ? 0 : 1)
            shown = Section("answer", ["version": "\(number)"], Material.json(answer))
            let review = ask(
                "final_review",
                known + [aggregation].compactMap(\.self) + material + feedback + [shown].compactMap(\.self), &outcome)
            outcome.finalVersions = version
            outcome.isApproved = review["approved"] as? Bool ?? false
            if outcome.isApproved { break }
            feedback = [Self.feedback(review)]
        }
        outcome.limitations = answer["limitations"] as? [String] ?? []
        let sections = (answer["sections"] as? [[String: String]] ?? []).map { $0["content"] ?? "" }.joined()
        let said = sections + outcome.limitations.joined()
        outcome.silentMusts = shared.requirements.filter { $0["level"] as? String == "must" }
            .compactMap { $0["id"] as? String }.filter { !said.contains("\($0): ") }
        outcome.end = End(
            task: shared.task, analysis: shared.analysis, parts: parts, aggregation: aggregation, answer: shown)
    }

    static func score(_ review: [String: Any]) -> Double {
        let scores = review["scores"] as? [String: Double] ?? [:]
        let weights = ["completeness": 0.3, "accuracy": 0.3, "relevance": 0.2, "quality": 0.2]
        return weights.reduce(0) { $0 + $1.value * (scores[$1.key] ?? 0) }
    }
}
