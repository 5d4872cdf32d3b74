import FleetCore
import JSON

/// Fills the sections of a step's prompt from its rows: one function per source of the manifest.
struct PromptSections {
    let catalogue: AgentCatalogue
    let limits: WorkflowLimits
    let step: ClaimedStep
    let requirements: StepRequirements
    private let subtask: PromptMaterial.Subtask?

    init(catalogue: AgentCatalogue, limits: WorkflowLimits, step: ClaimedStep, requirements: StepRequirements) {
        self.catalogue = catalogue
        self.limits = limits
        self.step = step
        self.requirements = requirements
        subtask = step.material.subtasks.first { $0.id == step.subtaskID }
    }

    private var input: StepInput { step.input }
    private var material: PromptMaterial { step.material }

    /// The elements of a section: none if there is nothing to show, several if its tag repeats.
    func elements(_ section: InputSection) -> [PromptElement] {
        let tag = section.tag
        return switch section.source {
        case .task: [task(tag)]
        case .revision: revision(tag)
        case .analysis: json(tag, requirements.analysis)
        case .previousAnalysis: json(tag, canonical(input.previousAnalysisStepID.flatMap { material.results[$0] }))
        case .previousAnswer: previousAnswer(tag)
        case .catalogue: group(tag, catalogue.specialists.map(available))
        case .load: group(tag, load)
        case .tried: group(tag, input.tried.map { PromptElement("specialist", [("type", $0)]) })
        case .selection: group(tag, selected)
        case .limits:
            [
                PromptElement(
                    tag,
                    [("max_subtasks", String(limits.maximumSubtasks)), ("max_depth", String(limits.maximumDepth))])
            ]
        case .rejectedPlan: json(tag, canonical(input.rejectedPlanStepID.flatMap { material.results[$0] }))
        case .planErrors: group(tag, input.planErrors.map { PromptElement("error", text: $0) })
        case .requirements: group(tag, requirements.all.map(requirement))
        case .coveredRequirements: group(tag, requirements.served.map(requirement))
        case .constraints: group(tag, requirements.constraints.map { PromptElement("constraint", text: $0) })
        case .outline: group(tag, material.subtasks.map(part))
        case .dependencies: dependencies(tag)
        case .subtask: subtask.map { [element(tag, $0)] } ?? []
        case .plan: material.subtasks.map { planned(tag, $0) }
        case .attempts: group(tag, attempts)
        case .subject: subject(tag)
        case .rejected: rejected(tag)
        case .feedback: feedback(tag)
        case .solutions: solutions(tag)
        case .missing:
            input.missing.keys.sorted().map { PromptElement(tag, [("subtask", $0)], text: input.missing[$0] ?? "") }
        case .partial: partial(tag)
        case .aggregation: json(tag, canonical(content(input.coordinationStepID)))
        case .previousAggregation: json(tag, canonical(content(input.previousCoordinationStepID)))
        case .mustState: group(tag, mustState)
        case .answer: answer(tag)
        // The newest first: what is cut is what is long past.
        case .earlierRevisions: group(tag, material.earlierRevisions.reversed().map(earlier))
        }
    }

    // MARK: - The task

    private func task(_ tag: String) -> PromptElement {
        var children = [
            PromptElement("title", text: material.taskTitle),
            PromptElement("description", text: material.taskDescription, part: .body),
        ]
        if let context = material.taskContext {
            children.append(PromptElement("context", text: canonical(context) ?? context, part: .context))
        }
        return PromptElement(tag, children: children)
    }

    private func revision(_ tag: String) -> [PromptElement] {
        guard let request = input.revisionRequest else { return [] }
        return [
            PromptElement(tag, text: request, children: input.revisionAreas.map { PromptElement("area", text: $0) })
        ]
    }

    private func previousAnswer(_ tag: String) -> [PromptElement] {
        guard let answer = parsed(content(input.previousAnswerStepID)) else { return [] }
        let summary = PromptElement("executive_summary", text: answer["executive_summary"]?.string ?? "", part: .body)
        return [
            PromptElement(
                tag, children: [summary] + answer.strings("limitations").map { PromptElement("limitation", text: $0) })
        ]
    }

    private func earlier(_ revision: PromptMaterial.EarlierRevision) -> PromptElement {
        var attributes: [(name: String, value: String)] = []
        if let scope = revision.scope { attributes.append(("scope", scope)) }
        return PromptElement("revision", attributes + [("status", revision.status)], text: revision.request)
    }

    // MARK: - Specialists

    private func available(_ agent: AgentSpec) -> PromptElement {
        PromptElement(
            "specialist", [("type", agent.type)],
            text: "\(agent.description); capabilities: \(agent.capabilities.joined(separator: ", "))")
    }

    private var load: [PromptElement] {
        catalogue.specialists.compactMap { agent in
            guard let steps = input.load[agent.type], steps > 0 else { return nil }
            return PromptElement("waiting", [("type", agent.type)], text: String(steps))
        }
    }

    private var selected: [PromptElement] {
        input.specialists.enumerated().map { index, chosen in
            let capabilities = catalogue[chosen.type]?.capabilities.joined(separator: ", ") ?? ""
            return PromptElement(
                "specialist",
                [
                    ("type", chosen.type), ("rank", String(index + 1)),
                    ("focus", chosen.focusAreas.joined(separator: "; ")),
                ], text: "\(chosen.rationale); capabilities: \(capabilities)")
        }
    }

    // MARK: - Requirements and plan

    private func requirement(_ requirement: Requirement) -> PromptElement {
        PromptElement(
            "requirement", [("id", requirement.id), ("level", requirement.level.rawValue)], text: requirement.text,
            children: requirement.check.isEmpty ? [] : [PromptElement("check", text: requirement.check)])
    }

    /// A judge does not see whose work it is: neither here nor in the subtask.
    private func part(_ subtask: PromptMaterial.Subtask) -> PromptElement {
        let author = step.kind == .solutionReview ? [] : [(name: "specialist", value: subtask.specialist)]
        return PromptElement("part", [("key", subtask.key)] + author, text: subtask.title)
    }

    private func element(
        _ tag: String, _ subtask: PromptMaterial.Subtask, _ more: [(name: String, value: String)] = []
    ) -> PromptElement {
        let served = requirements.all.served(by: subtask.covers, key: subtask.key).map(\.id)
        let author = step.kind == .solutionReview ? [] : [(name: "specialist", value: subtask.specialist)]
        return PromptElement(
            tag,
            [("key", subtask.key)] + author + [
                ("priority", subtask.priority.rawValue), ("complexity", subtask.isComplex ? "complex" : "normal"),
                ("covers", served.joined(separator: " ")),
            ] + more,
            children: [
                PromptElement("title", text: subtask.title),
                PromptElement("description", text: subtask.description, part: .body),
                PromptElement("deliverable", text: subtask.deliverable),
            ].filter { !$0.isEmpty })
    }

    private func planned(_ tag: String, _ subtask: PromptMaterial.Subtask) -> PromptElement {
        let score = subtask.score.map { [(name: "score", value: Self.shown($0))] } ?? []
        var element = element(tag, subtask, [("status", subtask.status)] + score)
        let solution = input.solutionStepIDs.compactMap { material.solutions[$0] }.first { $0.subtaskID == subtask.id }
        if let findings = solution.map(SolutionDetails.init)?.list(.keyFindings) { element.children.append(findings) }
        return element
    }

    // MARK: - Solutions

    private func dependencies(_ tag: String) -> [PromptElement] {
        input.dependencyStepIDs.compactMap { dependency(tag, $0, isIndirect: false) }
            + input.indirectStepIDs.compactMap { dependency(tag, $0, isIndirect: true) }
    }

    private func dependency(_ tag: String, _ id: Int, isIndirect: Bool) -> PromptElement? {
        guard let solution = material.solutions[id] else { return nil }
        let details = SolutionDetails(solution)
        var attributes = origin(of: solution)
        if details.isPartial { attributes.append(("partial", "yes")) }
        if isIndirect { attributes.append(("indirect", "yes")) }
        let parts: [SolutionDetails.Part] = isIndirect ? [.keyFindings] : [.keyFindings, .assumptions, .sources]
        var children = parts.compactMap(details.list)
        if !isIndirect { children.append(PromptElement("content", text: solution.content, part: .body)) }
        return PromptElement(tag, attributes, children: children)
    }

    private func subject(_ tag: String) -> [PromptElement] {
        guard let id = input.subjectStepID, let solution = material.solutions[id] else { return [] }
        let details = SolutionDetails(solution)
        let content = PromptElement("content", text: solution.content, part: .body)
        let parts: [SolutionDetails.Part] =
            step.kind == .solutionReview
            ? [.keyFindings, .assumptions, .sources, .covers, .openPoints] : [.keyFindings, .assumptions, .sources]
        return [
            PromptElement(
                tag, [("version", String(input.subjectVersion ?? solution.version))],
                children: parts.compactMap(details.list) + [content])
        ]
    }

    private func rejected(_ tag: String) -> [PromptElement] {
        guard let id = input.rejectedStepID, let solution = material.solutions[id] else { return [] }
        let headings = solution.content.split(separator: "\n").filter { $0.hasPrefix("#") }.map { line in
            PromptElement("heading", text: String(line.drop { $0 == "#" || $0 == " " }))
        }
        return [
            PromptElement(
                tag, children: [SolutionDetails(solution).list(.keyFindings)].compactMap { $0 } + headings)
        ]
    }

    private func solutions(_ tag: String) -> [PromptElement] {
        input.solutionStepIDs.compactMap { id in
            guard let solution = material.solutions[id] else { return nil }
            let details = SolutionDetails(solution)
            let content = PromptElement("content", text: solution.content, part: .body)
            if step.kind == .coordination {
                let score = details.score.map { [(name: "score", value: Self.shown($0))] } ?? []
                let review = input.solutionReviewStepIDs[id].flatMap { parsed(material.results[$0]) }
                let weaknesses = review.map { Weakness.list(in: $0).filter(\.isOpen).map(weakness) } ?? []
                return PromptElement(
                    tag, origin(of: solution) + score,
                    children: [.keyFindings, .assumptions, .sources, .covers].compactMap(details.list)
                        + (weaknesses.isEmpty ? [] : [PromptElement("weaknesses", children: weaknesses)]) + [content])
            }
            // With an aggregation the whole texts have been read already.
            let isWhole = input.coordinationStepID == nil
            return PromptElement(
                tag, origin(of: solution),
                children: [.keyFindings, .sources].compactMap(details.list) + (isWhole ? [content] : []))
        }
    }

    private func origin(of solution: PromptMaterial.Solution) -> [(name: String, value: String)] {
        let subtask = material.subtasks.first { $0.id == solution.subtaskID }
        return [
            ("subtask", subtask?.key ?? ""), ("specialist", solution.agentType ?? subtask?.specialist ?? ""),
            ("title", subtask?.title ?? ""), ("version", String(solution.version)),
        ]
    }

    // MARK: - Reviews

    private var attempts: [PromptElement] {
        input.reviewStepIDs.enumerated().compactMap { index, id in
            guard let review = parsed(material.results[id]), let scores = review["scores"] else { return nil }
            let judgement = ReviewJudgement(review, requirements: requirements.served)
            let version = (input.subjectVersion ?? input.reviewStepIDs.count) - (input.reviewStepIDs.count - 1 - index)
            var attributes = [("version", String(max(1, version)))]
            if let judgement { attributes.append(("total", Self.shown(judgement.score.weighted))) }
            for name in ["completeness", "accuracy", "relevance", "quality"] {
                attributes.append((name, Self.shown(scores[name]?.double ?? 0)))
            }
            // The last one's requests are the feedback.
            let requests = id == input.reviewStepID ? [] : RevisionRequests(review).texts
            return PromptElement("attempt", attributes, children: requests.map { PromptElement("request", text: $0) })
        }.reversed()
    }

    private func feedback(_ tag: String) -> [PromptElement] {
        let review = input.reviewStepID.flatMap { parsed(material.results[$0]) }.map(RevisionRequests.init)
        var requests = review?.texts ?? []
        var text = review?.feedback ?? ""
        if input.wantsShorter {
            text = "The version is too long to be reviewed as a whole. " + text
            requests.append(
                "Return the whole solution again in at most half the length: keep what the requirements need, leave out"
                    + " the rest.")
        }
        guard review != nil || input.wantsShorter else { return [] }
        return [
            PromptElement(
                tag, text: text,
                children: requests.enumerated().map { index, text in
                    PromptElement("request", [("id", "Q\(index + 1)")], text: text)
                })
        ]
    }

    private func weakness(_ weakness: Weakness) -> PromptElement {
        let place = weakness.place.isEmpty ? "" : "\(weakness.place): "
        return PromptElement("weakness", [("severity", weakness.severity)], text: place + weakness.text)
    }

    // MARK: - The conclusion

    private func partial(_ tag: String) -> [PromptElement] {
        input.partial.sorted { $0.key < $1.key }.map { key, part in
            let review = part.reviewStepID.flatMap { parsed(material.results[$0]) }
            let weaknesses = review.map { Weakness.list(in: $0).filter(\.isOpen).map(weakness) } ?? []
            return PromptElement(tag, [("subtask", key)], text: part.reason, children: weaknesses)
        }
    }

    private var mustState: [PromptElement] {
        guard let aggregation = parsed(content(input.coordinationStepID)) else { return [] }
        let gaps = (aggregation["identified_gaps"]?.array ?? []).compactMap { gap -> String? in
            guard let text = gap["text"]?.string else { return nil }
            return gap["requirement"]?.string.map { "\($0): \(text)" } ?? text
        }
        let contradictions = (aggregation["inconsistencies"]?.array ?? []).compactMap { $0["text"]?.string }
        return (gaps + contradictions).map { PromptElement("statement", text: $0) }
    }

    private func answer(_ tag: String) -> [PromptElement] {
        guard let text = canonical(content(input.synthesisStepID)) else { return [] }
        let version = input.subjectVersion.map { [(name: "version", value: String($0))] } ?? []
        return [PromptElement(tag, version, text: text, part: .json)]
    }

    // MARK: - Texts

    private func group(_ tag: String, _ children: [PromptElement]) -> [PromptElement] {
        children.isEmpty ? [] : [PromptElement(tag, children: children)]
    }

    private func json(_ tag: String, _ text: String?) -> [PromptElement] {
        text.map { [PromptElement(tag, text: $0, part: .json)] } ?? []
    }

    private func content(_ id: Int?) -> String? { id.flatMap { material.solutions[$0]?.content } }

    private func parsed(_ text: String?) -> JSONValue? { text.flatMap { try? JSONValue(parsing: $0) } }

    /// JSON in one spelling; what is none stays as it is.
    private func canonical(_ text: String?) -> String? {
        text.map { (try? JSONValue(parsing: $0))?.serialized(sortedKeys: true) ?? $0 }
    }

    /// Scores with at most two decimals.
    static func shown(_ score: Double) -> String {
        let hundredths = Int((score * 100).rounded())
        let (whole, rest) = hundredths.quotientAndRemainder(dividingBy: 100)
        if rest == 0 { return String(whole) }
        return rest % 10 == 0 ? "\(whole).\(rest / 10)" : "\(whole).\(rest < 10 ? "0" : "")\(rest)"
    }
}
