/// What a specialist was given for a subtask, and what it will lose of it.
///
/// A first version drops one requirement with a probability of 12 %. A revision mends that if it sees both its own
/// earlier version and the feedback; without the feedback it keeps the fault, without its own version it loses
/// something else.
struct Assignment {
    static let dropRate = 0.12

    let brief: Brief
    let key: String
    let title: String
    let specialist: String
    let subtask: ShownSection?
    let requirements: [GivenRequirement]
    let dependencies: [ShownSolution]
    let constraints: [String]
    let neighbours: [ShownSection]
    let own: ShownSolution?
    let rejected: ShownSection?
    let feedback: Feedback?
    let attempts: [ShownSection]
    /// Ids of the requirements that the answer leaves out.
    let dropped: Set<String>
    /// The first dependency is left out.
    let ignoresDependency: Bool
    let approach: String

    init(brief: Brief) {
        self.brief = brief
        subtask = brief.first("subtask")
        key = subtask?["key"] ?? ""
        let title = subtask?.text(of: "title") ?? ""
        self.title = Mark.quoted(title.isEmpty ? brief.taskTitle : title, 140)
        specialist = subtask?["specialist"] ?? "specialist"
        requirements = GivenRequirement.shown(in: brief.first("requirements"))
        dependencies = brief.all("dependency").map(ShownSolution.init)
        constraints = brief.first("constraints")?.texts(of: "constraint") ?? []
        let key = key
        neighbours = brief.first("plan_outline")?.children("part").filter { $0["key"] != key } ?? []
        own = brief.first("solution").map(ShownSolution.init)
        rejected = brief.first("rejected_solution")
        feedback = Feedback(brief.first("feedback"))
        attempts = brief.first("attempts")?.children("attempt") ?? []
        var dice = brief.dice(key, self.title)
        let loss = Loss(
            brief: brief, covered: GivenRequirement.ids(subtask?["covers"]), requirements: requirements, own: own,
            isReplacement: rejected != nil, feedback: feedback, hasAttempts: !attempts.isEmpty
        )
        (dropped, ignoresDependency) = loss.drawn(&dice)
        approach = Approach.chosen(draw: dice.pick(Approach.all.count), avoiding: Self.refused(rejected, own, feedback))
    }

    var kept: [GivenRequirement] { requirements.filter { !dropped.contains($0.id) } }

    /// The texts whose approach was refused, as far as they are shown.
    private static func refused(
        _ rejected: ShownSection?, _ own: ShownSolution?, _ feedback: Feedback?
    ) -> [String] {
        var texts = rejected.map { $0.texts(of: "finding", in: "key_findings") + $0.texts(of: "heading") } ?? []
        let isAsked = feedback?.requests.contains { Passage($0.text).contains(Mark.anotherApproach) } ?? false
        if let own, isAsked { texts += own.findings + [own.content] }
        return texts
    }
}

/// What a solution leaves out, decided from what its author was shown.
private struct Loss {
    let brief: Brief
    let covered: [String]
    let requirements: [GivenRequirement]
    let own: ShownSolution?
    let isReplacement: Bool
    let feedback: Feedback?
    let hasAttempts: Bool

    func drawn(_ dice: inout Draws) -> (requirements: Set<String>, dependency: Bool) {
        let draw = dice.fraction()
        let place = dice.pick(1 << 16)
        if brief.mode == .hash || isReplacement { return ([], false) }
        if let own { return (feedback == nil ? stillMissing(in: own) : [], false) }
        let candidates = requirements.filter { covered.isEmpty || covered.contains($0.id) }
        if feedback != nil || hasAttempts { return somethingElse(of: candidates, place) }
        guard draw < Assignment.dropRate, !candidates.isEmpty else { return ([], false) }
        return ([candidates[place % candidates.count].id], false)
    }

    /// What the own version does not answer stays out, unless the user has just asked for it.
    private func stillMissing(in own: ShownSolution) -> Set<String> {
        let passage = own.passage
        let wish = Passage(brief.first("revision_request")?.text ?? "")
        let missing = requirements.filter { !$0.isAnswered(in: passage) && !wish.contains(Mark.of($0.text)) }
        return Set(missing.map(\.id))
    }

    /// A requirement that the feedback does not speak of; a dependency if there is no other.
    private func somethingElse(of candidates: [GivenRequirement], _ place: Int) -> (Set<String>, Bool) {
        let asked = Passage((feedback?.requests.map(\.text) ?? []).joined(separator: "\n"))
        let others = candidates.filter { !asked.names($0.id) }
        guard !others.isEmpty else { return (Set(candidates.prefix(1).map(\.id)), true) }
        return ([others[place % others.count].id], false)
    }
}
