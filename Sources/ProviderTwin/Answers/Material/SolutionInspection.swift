/// What a reviewer finds in a solution, by comparing it with everything else that the prompt shows.
struct SolutionInspection {
    let brief: Brief
    let solution: ShownSolution?
    let title: String
    private(set) var requirementChecks: [ReviewedRequirement] = []
    private(set) var requestChecks: [ReviewedRequirement] = []
    private(set) var weaknesses: [StatedWeakness] = []
    private(set) var requests: [String] = []
    private(set) var scores: ReviewScores
    /// 0 to 100.
    private(set) var certainty: Int
    /// Sentences about what the prompt does not show.
    private(set) var unseen: [String] = []

    private let subtask: ShownSection?
    private let passage: Passage

    init(brief: Brief) {
        self.brief = brief
        solution = brief.all("solution").last.map(ShownSolution.init)
        subtask = brief.first("subtask")
        let title = subtask?.text(of: "title") ?? ""
        self.title = Mark.quoted(title.isEmpty ? "the subtask" : title, 120)
        passage = solution?.passage ?? Passage("")
        var dice = brief.dice(subtask?["key"] ?? "", title, Mark.quoted(solution?.markerFinding ?? "", 200))
        scores = ReviewScores(total: 740 + 10 * dice.pick(20))
        certainty = 80 + dice.pick(15)
        if brief.mode == .inputs { lookAround() }
        checkRequirements()
        if brief.mode == .inputs {
            checkRequests()
            checkDependencies()
            checkConstraints()
            checkBoundaries()
            checkRevision()
        } else {
            requestChecks = (Feedback(brief.first("feedback"))?.requests ?? []).map { .init(id: $0.id, met: "yes") }
        }
        object(&dice)
        if weaknesses.isEmpty {
            add("Figures", "The ranges could be narrowed down further; no conclusion hangs on it.", .minor)
        }
    }

    private mutating func add(
        _ place: String, _ text: String, _ severity: StatedWeakness.Severity, request: String? = nil
    ) {
        weaknesses.append(StatedWeakness(place: place, text: text, severity: severity))
        if let request { requests.append(request) }
    }

    /// What should be there and is not lowers the certainty; a judge without the measure judges low.
    private mutating func lookAround() {
        if solution == nil {
            unseen.append("No solution was shown: there is nothing to judge.")
            scores.limit(all: 0)
            certainty = 10
            add("Solution", "It was not shown.", .critical, request: "Hand in a solution.")
        }
        if brief.first("requirements") == nil {
            unseen.append("Cannot see the requirements: the solution is judged by its form only.")
            scores.limit(all: 500)
            certainty = min(certainty, 20)
            add(
                "Requirements", "They were not shown.", .major,
                request: "Show by heading which requirement is answered.")
        }
        if subtask == nil {
            unseen.append("The subtask was not shown: what was asked for is guessed.")
            scores.limit(completeness: 600, relevance: 600)
            certainty = min(certainty, 30)
        }
        if brief.task == nil {
            unseen.append("The task was not shown: the fit to its purpose cannot be judged.")
            certainty = min(certainty, 55)
        } else if !passage.isEmpty, !passage.contains(Mark.of(brief.taskTitle)) {
            scores.limit(relevance: 650)
            add("Opening", "It does not say which task it serves.", .minor)
        }
        if brief.first("plan_outline") == nil {
            unseen.append("The plan was not shown: overlaps with neighbours cannot be seen.")
            certainty = min(certainty, 60)
        }
        if brief.first("dependency") == nil, passage.contains(Mark.builds) {
            unseen.append("The results it builds on were not shown: what it takes from them cannot be verified.")
            certainty = min(certainty, 50)
        }
        if brief.first("constraints") == nil, passage.contains(Mark.constraintKept) {
            unseen.append("The constraints it names were not shown.")
            certainty = min(certainty, 65)
        }
        if brief.first("revision_request") == nil, passage.contains(Mark.asAsked) {
            unseen.append("The user's revision that it names was not shown.")
            certainty = min(certainty, 65)
        }
        if brief.first("feedback") == nil, passage.contains("### " + Mark.changes) {
            unseen.append("The requests that it says it met were not shown.")
            certainty = min(certainty, 50)
        }
    }

    private mutating func checkRequirements() {
        let covered = GivenRequirement.ids(subtask?["covers"])
        let shown = GivenRequirement.shown(in: brief.first("requirements"))
        let measured = shown.filter { covered.isEmpty || covered.contains($0.id) }
        for requirement in measured {
            let isAnswered = requirement.isAnswered(in: passage)
            let claim = solution?.covers.first { $0.id == requirement.id }
            if brief.mode == .hash || (isAnswered && claim?.isComplete != false) {
                let line = passage.line(below: requirement.heading, 200)
                let place = requirement.heading + (line.isEmpty ? "" : " - \(line)")
                requirementChecks.append(.init(id: requirement.id, met: "yes", place: place))
            } else if isAnswered {
                requirementChecks.append(.init(id: requirement.id, met: "partly", place: requirement.heading))
                scores.limit(completeness: 700)
                add(requirement.heading, "Its author calls it incomplete.", .minor)
            } else {
                requirementChecks.append(.init(id: requirement.id, met: "no", place: "No passage answers it."))
                let text = "Nothing answers \(requirement.id): \(Mark.quoted(requirement.text, 120))."
                let request = "\(Mark.answer)\(requirement.id): \(Mark.quoted(requirement.text, 140))"
                if requirement.isMust {
                    add("Whole text", text, .major, request: request)
                    scores.limit(completeness: 400, all: 800)
                } else {
                    add("Whole text", text, .minor)
                    scores.limit(completeness: 650)
                }
            }
        }
        // The subtask names what the prompt does not show.
        for id in covered where !shown.contains(where: { $0.id == id }) {
            requirementChecks.append(.init(id: id, met: "partly", place: "Cannot see the requirement."))
        }
    }

    private mutating func checkRequests() {
        guard let feedback = Feedback(brief.first("feedback")) else { return }
        for (id, text) in feedback.requests {
            let isNamed = passage.names(id) && passage.contains(Mark.of(text))
            let isMet = isNamed && isCarriedOut(text)
            requestChecks.append(.init(id: id, met: isMet ? "yes" : isNamed ? "partly" : "no"))
            guard !isMet else { continue }
            scores.limit(completeness: 450, all: 780)
            add(Mark.changes, "The request \(id) is not met: \(Mark.quoted(text, 120)).", .major, request: text)
        }
    }

    /// Whether the text does what it says it did: requests for a requirement or another approach can be checked.
    private func isCarriedOut(_ request: String) -> Bool {
        if request.hasPrefix(Mark.answer) {
            let id = request.dropFirst(Mark.answer.count).prefix { $0.isLetter || $0.isNumber }
            return requirementChecks.first { $0.id == id }?.met != "no"
        }
        if Passage(request).contains(Mark.anotherApproach), let approach = Approach.named(in: passage) {
            return !request.contains(approach)
        }
        return true
    }

    private mutating func checkDependencies() {
        for element in brief.all("dependency") {
            let dependency = ShownSolution(element)
            let mark = Mark.of(dependency.markerFinding)
            if dependency.isIndirect || mark.isEmpty { continue }
            let contradicts = passage.contains(Mark.contradicts(dependency.key))
            if !contradicts, passage.contains(mark) { continue }
            scores.limit(accuracy: 350, all: 800)
            let fault = contradicts ? "contradicts" : "ignores"
            add(
                "Basis", "It \(fault) what \(dependency.key) found: \"\(Mark.quoted(dependency.markerFinding, 120))\"",
                .major, request: "Build on the finding of \(dependency.key), or show why it is wrong.")
        }
    }

    private mutating func checkConstraints() {
        for constraint in (brief.first("constraints")?.texts(of: "constraint") ?? []).prefix(8)
        where !passage.contains(Mark.of(constraint)) {
            scores.limit(relevance: 500, all: 740)
            let text = Mark.quoted(constraint, 120)
            add("Constraints", "It does not keep to: \(text).", .major, request: "Keep to the constraint: \(text)")
        }
    }

    /// A neighbour's work done twice.
    private mutating func checkBoundaries() {
        guard let outline = brief.first("plan_outline"), !passage.isEmpty else { return }
        let own = subtask?["key"]
        let neighbours = outline.children("part").compactMap { $0["key"] }.filter { $0 != own }
        let unnamed = neighbours.filter { !passage.contains(Mark.leftTo($0)) }
        guard !unnamed.isEmpty || passage.contains(Mark.wholeTask) else { return }
        scores.limit(relevance: 600, all: 850)
        let keys = (unnamed.isEmpty ? neighbours : unnamed).prefix(4).joined(separator: ", ")
        add("Scope", "The work of \(keys) may be done twice: it does not say what it leaves to them.", .minor)
    }

    private mutating func checkRevision() {
        guard let revision = brief.quotedRevision, !passage.contains(Mark.of(revision)) else { return }
        scores.limit(relevance: 450, all: 740)
        add(
            "Whole text", "The user's revision is not taken up.", .major,
            request: "Take up the user's revision: \(revision)")
    }

    /// The objections that are drawn; later versions and replacements meet none.
    private mutating func object(_ dice: inout Draws) {
        let draw = dice.fraction()
        guard let solution, solution.version < 2, brief.first("feedback") == nil,
            !solution.content.contains(Mark.newStart)
        else { return }
        let rejection = SolutionReviewAnswer.rejectionRate
        let objection =
            brief.mode == .hash ? SolutionReviewAnswer.hashedRevisionRate : SolutionReviewAnswer.objectionRate
        let subject = Wording.keywords(title, limit: 4).last ?? "the main point"
        if draw < rejection {
            scores.limit(all: 320 + 10 * dice.pick(15))
            let approach = Approach.named(in: passage) ?? "the present one"
            requests.insert("Work it out \(Mark.anotherApproach) the \(approach).", at: 0)
            add(
                "Approach", "The central question about \(subject) is not answered by it.", .critical,
                request: "Give at least two supporting facts for the statement on \(subject).")
        } else if draw < rejection + objection {
            scores.limit(all: 540 + 10 * dice.pick(13))
            add(
                "Conclusion", "The part on \(subject) gives a conclusion without its basis.", .major,
                request: "State the basis of the conclusion on \(subject).")
            add(
                "Alternatives", "One alternative is missing.", .minor,
                request: "Add the most likely alternative and why it was not chosen.")
        }
    }
}
