import JSON

/// What the last reader finds in a final answer, by comparing it with everything else that the prompt shows.
struct FinalInspection {
    let brief: Brief
    private(set) var requirementChecks: [ReviewedRequirement] = []
    private(set) var limitationChecks: [(part: String, isStated: Bool)] = []
    private(set) var strengths: [String] = []
    private(set) var weaknesses: [StatedWeakness] = []
    private(set) var requests: [String] = []
    /// Sentences about what the prompt does not show.
    private(set) var unseen: [String] = []

    private let answer: FinalAnswerShown?
    private let body: Passage
    private let limitations: Passage

    init(brief: Brief) {
        self.brief = brief
        answer = FinalAnswerShown(brief.all("answer").last)
        body = Passage((answer.map { $0.summary + "\n" + $0.body }) ?? "")
        limitations = Passage(answer?.limitations.joined(separator: "\n") ?? "")
        if let answer {
            strengths = [
                "The summary of \(brief.taskTitle) stands alone.",
                "\(answer.sections.count) sections follow the findings, the most important first.",
            ]
            strengths += answer.recommendations.prefix(2).map {
                "A recommendation names action, actor and time: \(Mark.quoted($0, 120))"
            }
            strengths += answer.sections.prefix(3).map {
                "\(Mark.quoted($0.title, 100)): its points carry figures and name where they come from."
            }
        }
        checkRequirements()
        checkLimitations()
        if brief.mode == .hash {
            drawVerdict()
        } else {
            lookAround()
            checkTracing()
            checkRevision()
            checkRequests()
        }
    }

    private mutating func add(
        _ place: String, _ text: String, _ severity: StatedWeakness.Severity, request: String? = nil
    ) {
        weaknesses.append(StatedWeakness(place: place, text: text, severity: severity))
        if let request { requests.append(request) }
    }

    private mutating func lookAround() {
        if answer == nil {
            unseen.append("No answer was shown: there is nothing to approve.")
            add("Answer", "It was not shown or cannot be read.", .critical, request: "Hand in the answer.")
        }
        if brief.analysis == nil {
            unseen.append("Approval is refused: cannot see the requirements.")
            add("Analysis", "It was not shown.", .major, request: "Show how each requirement is answered.")
        }
        if brief.task == nil {
            unseen.append("The task was not shown: whether the answer serves it cannot be judged.")
            add("Task", "It was not shown.", .major)
        }
    }

    /// A requirement is met if the answer claims it and a section says it.
    private mutating func checkRequirements() {
        for requirement in GivenRequirement.listed(in: brief.analysis) {
            let claim = answer?.answers.first { $0.id == requirement.id }
            let isSaid = requirement.isAnswered(in: body)
            if brief.mode == .hash || (claim?.status == "answered" && isSaid) {
                let place = claim.map { "Section \($0.section)" } ?? "Whole text"
                let text = "\(Mark.quoted(place, 120)): \(Mark.quoted(requirement.text, 80))"
                requirementChecks.append(.init(id: requirement.id, met: "yes", place: text))
                continue
            }
            let isPartly = claim?.status == "partly" && isSaid
            let isStated = limitations.names(requirement.id)
            let place = isStated ? "Among the limitations" : "No passage answers it"
            requirementChecks.append(.init(id: requirement.id, met: isPartly ? "partly" : "no", place: place))
            limitationChecks.append((requirement.id, isStated))
            let text = "\(requirement.id) is not answered: \(Mark.quoted(requirement.text, 120))"
            if isStated {
                add("Limitations", "\(text). The answer says so.", .minor)
            } else if requirement.isMust {
                let request = "\(Mark.answer)\(requirement.id) or say that it is open: "
                add("Sections", text, .major, request: request + Mark.quoted(requirement.text, 140))
            } else {
                add("Sections", text, .minor)
            }
        }
    }

    private mutating func checkLimitations() {
        for gap in brief.gaps {
            let isStated = brief.mode == .hash || gap.isStated(in: limitations)
            limitationChecks.append((Mark.quoted(gap.part, 300), isStated))
            if isStated { continue }
            add(
                "Limitations", "They do not say: \(Mark.quoted(gap.sentence, 160))", .major,
                request: "State among the limitations: \(Mark.quoted(gap.sentence, 160))")
        }
    }

    /// The findings that the answer cites must be those of the aggregation.
    private mutating func checkTracing() {
        let findings = brief.first("aggregation")?.json?["structured_findings"]?.array ?? []
        let known = findings.compactMap { $0["id"]?.string }
        let cited = (1...20).map { "F\($0)" }.filter { body.contains("(\($0))") }
        if !cited.isEmpty, known.isEmpty {
            unseen.append(
                "The findings it cites (\(cited.joined(separator: ", "))) cannot be traced: no aggregation was shown, "
                    + "so certainty is low.")
            add("Sections", "Cited findings cannot be traced.", .minor)
            return
        }
        let unknown = cited.filter { !known.contains($0) }
        if !unknown.isEmpty {
            add(
                "Sections", "\(unknown.joined(separator: ", ")) is no finding of the aggregation.", .major,
                request: "Cite only findings of the aggregation, not \(unknown.joined(separator: ", ")).")
        } else if !cited.isEmpty {
            strengths.append("\(cited.count) findings are cited and can be traced to the aggregation.")
        }
    }

    private mutating func checkRevision() {
        if let revision = brief.quotedRevision {
            if body.contains(Mark.of(revision)) {
                strengths.append("The user's revision is taken up: \(Mark.quoted(revision, 100))")
            } else if answer != nil {
                add(
                    "Whole text", "The user's revision is not taken up.", .major,
                    request: "Take up the user's revision: \(revision)")
            }
        } else if body.contains(Mark.asAsked) {
            unseen.append("The user's revision that the answer speaks of was not shown.")
            add("Summary", "It names a revision that cannot be seen.", .minor)
        }
    }

    private mutating func checkRequests() {
        guard let feedback = Feedback(brief.first("feedback")) else {
            if body.contains(Mark.changes) {
                unseen.append("The earlier requests that the answer says it met were not shown.")
                add(Mark.changes, "What was asked for cannot be seen.", .minor)
            }
            return
        }
        for (id, text) in feedback.requests {
            if body.names(id), body.contains(Mark.of(text)) {
                strengths.append("The earlier request \(id) is met: \(Mark.quoted(text, 80))")
            } else if answer != nil {
                add(Mark.changes, "The earlier request \(id) is not met.", .major, request: text)
            }
        }
    }

    /// Without inputs the verdict is drawn: first versions only.
    private mutating func drawVerdict() {
        var dice = brief.dice(brief.taskTitle, Mark.quoted(answer?.summary ?? "", 200))
        guard (answer?.version ?? 1) < 2, dice.fraction() < FinalReviewAnswer.hashedRefusalRate else { return }
        add(
            "Recommendations", "They do not follow from the sections.", .major,
            request: "Tie every recommendation to a section.")
    }
}
