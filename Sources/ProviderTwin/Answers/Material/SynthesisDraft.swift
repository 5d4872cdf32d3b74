import JSON

/// The parts of a final answer, worked out from what the prompt shows.
///
/// A first version forgets the passage of one requirement with a probability of 4 %, and does not notice it; a revision
/// that sees its earlier version and the feedback mends that, and one that lacks either of them does not.
struct SynthesisDraft {
    static let slipRate = 0.04

    enum Status: String {
        case answered
        case partly
        case open
    }

    /// What one section is about: a finding of the aggregation, or a solution if there is none.
    struct Topic {
        var id: String
        var title: String
        var points: [String]
        var sources: [String]
        var requirements: [String]
        var confidence: Int
        var data: String
        var keys: [String]
    }

    struct Answer {
        var requirement: GivenRequirement
        var section: String
        var status: Status
    }

    struct Section {
        var title: String
        var content: String
    }

    let brief: Brief
    let solutions: [ShownSolution]
    let topics: [Topic]
    let earlier: FinalAnswerShown?
    let feedback: Feedback?
    private(set) var answers: [Answer] = []
    private(set) var sections: [Section] = []
    private(set) var limitations: [String] = []

    private static let revisionTitle = "The user's revision"

    init(brief: Brief) {
        self.brief = brief
        solutions = brief.all("solution").map(ShownSolution.init)
        topics = Self.topics(brief, solutions)
        earlier = FinalAnswerShown(brief.first("answer"))
        feedback = Feedback(brief.first("feedback"))
        let requirements = GivenRequirement.listed(in: brief.analysis)
        let partial = Set(brief.gaps.filter { $0.kind == .partial }.map(\.key))
        answers = requirements.map { answer(to: $0, partial: partial) }
        let forgotten = forgotten(of: answers)
        sections = sections(forgetting: forgotten)
        limitations = statedLimitations(requirements)
    }

    var sources: [String] {
        var sources: [String] = []
        for source in solutions.flatMap(\.sources) where !sources.contains(source) { sources.append(source) }
        return Array(sources.prefix(20))
    }

    private static func topics(_ brief: Brief, _ solutions: [ShownSolution]) -> [Topic] {
        let findings = brief.first("aggregation")?.json?["structured_findings"]?.array ?? []
        if !findings.isEmpty {
            return findings.prefix(12).map { item in
                let points = item.strings("key_points")
                let passage = Passage(points.joined(separator: "\n"))
                return Topic(
                    id: item["id"]?.string ?? "", title: Mark.quoted(item["topic"]?.string ?? brief.taskTitle, 120),
                    points: points, sources: item.strings("sources"),
                    requirements: item.strings("requirements"),
                    confidence: Int(((item["confidence"]?.double ?? 0.6) * 100).rounded()),
                    data: item["supporting_data"]?.string ?? "",
                    keys: solutions.map(\.key).filter { passage.contains("(\($0))") }
                )
            }
        }
        let requirements = GivenRequirement.listed(in: brief.analysis)
        return solutions.prefix(12).map { solution in
            let passage = solution.passage
            return Topic(
                id: "", title: Mark.quoted(solution.title.isEmpty ? solution.key : solution.title, 120),
                points: solution.findings.map { "\($0) (\(solution.key))" }, sources: [solution.specialist],
                requirements: requirements.filter { $0.isAnswered(in: passage) }.map(\.id), confidence: 60,
                data: Wording.sentences(solution.content, limit: 8).joined(separator: ". "), keys: [solution.key]
            )
        }
    }

    /// Answered by a finding, by the revision itself if the user has just asked for it, or by the earlier version.
    private func answer(to requirement: GivenRequirement, partial: Set<String>) -> Answer {
        let bearing = topics.filter { $0.requirements.contains(requirement.id) }
        if let topic = bearing.first(where: { partial.isDisjoint(with: $0.keys) }) ?? bearing.first {
            let isSound = partial.isDisjoint(with: topic.keys)
            return Answer(requirement: requirement, section: topic.title, status: isSound ? .answered : .partly)
        }
        if let wish = brief.first("revision_request")?.text, Passage(wish).contains(Mark.of(requirement.text)) {
            return Answer(requirement: requirement, section: Self.revisionTitle, status: .answered)
        }
        if let old = earlier?.answers.first(where: { $0.id == requirement.id && $0.status == "answered" }) {
            return Answer(requirement: requirement, section: old.section, status: .answered)
        }
        if brief.mode == .hash, let topic = topics.first {
            return Answer(requirement: requirement, section: topic.title, status: .answered)
        }
        return Answer(requirement: requirement, section: "", status: .open)
    }

    /// The requirement whose passage is left out although the answer claims it.
    private func forgotten(of answers: [Answer]) -> String? {
        let candidates = answers.filter { $0.status == .answered }.map(\.requirement)
        guard brief.mode == .inputs, !candidates.isEmpty else { return nil }
        var dice = brief.dice(brief.taskTitle, topics.first?.title ?? "")
        let draw = dice.fraction()
        let place = dice.pick(candidates.count)
        if let earlier {
            if feedback != nil { return nil }
            let body = Passage(earlier.body)
            let wish = Passage(brief.first("revision_request")?.text ?? "")
            let claimed = Set(earlier.answers.filter { $0.status == "answered" }.map(\.id))
            return candidates.first {
                claimed.contains($0.id) && !$0.isAnswered(in: body) && !wish.contains(Mark.of($0.text))
            }?.id
        }
        if let feedback {
            let asked = Passage(feedback.requests.map(\.text).joined(separator: "\n"))
            return (candidates.first { !asked.names($0.id) } ?? candidates.first)?.id
        }
        return draw < Self.slipRate ? candidates[place].id : nil
    }

    private func sections(forgetting forgotten: String?) -> [Section] {
        var sections = topics.map { topic in
            let origin = topic.sources.map { Wording.title($0).lowercased() }.joined(separator: ", ")
            var text = "\(topic.title), worked out by \(origin.isEmpty ? "the team" : origin)"
            text += topic.id.isEmpty ? ".\n\n" : " (\(topic.id)).\n\n"
            text += passages(of: topic.title, forgetting: forgotten)
            let points = topic.points.prefix(5).filter { forgotten.map(Passage($0).names) != true }
            text += points.map { "- \(Mark.quoted($0, 240))" }.joined(separator: "\n")
            if !brief.isToBeShort, forgotten.map(Passage(topic.data).names) != true {
                text += "\n\n\(Wording.clipped(topic.data, 500))"
            }
            return Section(title: topic.title, content: text)
        }
        if let revision = brief.quotedRevision {
            let text = "\(Mark.asAsked) \(revision)\n\n" + passages(of: Self.revisionTitle, forgetting: forgotten)
            sections.append(Section(title: Self.revisionTitle, content: text))
        }
        // Sections of the earlier version that still answer something are kept.
        let titles = Set(sections.map(\.title))
        for title in Set(answers.map(\.section)).subtracting(titles).sorted() where !title.isEmpty {
            guard let old = earlier?.sections.first(where: { $0.title == title }) else { continue }
            let missing = passages(of: title, forgetting: forgotten, unlessIn: Passage(old.content))
            sections.append(Section(title: title, content: missing + old.content))
        }
        if let feedback {
            let done = feedback.requests.prefix(20).map { "- \($0.id): \(Mark.quoted($0.text, 160)): done." }
            sections.append(Section(title: Mark.changes, content: done.joined(separator: "\n")))
        }
        return sections
    }

    /// A passage for each requirement that the section answers.
    private func passages(of title: String, forgetting forgotten: String?, unlessIn old: Passage? = nil) -> String {
        var text = ""
        for answer in answers where answer.section == title && answer.requirement.id != forgotten {
            if let old, answer.requirement.isAnswered(in: old) { continue }
            let isWhole = answer.status == .answered
            text += "\(answer.requirement.id): \(Mark.quoted(answer.requirement.text, 200)): "
            text += isWhole ? "answered by the points below.\n\n" : "answered in part only.\n\n"
        }
        return text
    }

    private func statedLimitations(_ requirements: [GivenRequirement]) -> [String] {
        var limitations = brief.gaps.map { Wording.clipped($0.sentence, 600) }
        for answer in answers where answer.status != .answered {
            let what = answer.status == .open ? "is left open" : "is answered in part only"
            limitations.append("\(answer.requirement.id) \(what): \(Mark.quoted(answer.requirement.text, 160))")
        }
        if brief.task == nil { limitations.append("The task was not shown to the author of this answer.") }
        if brief.analysis == nil { limitations.append("Cannot see the requirements: coverage is unknown.") }
        if solutions.isEmpty { limitations.append("The solutions were not shown: nothing is traced to its source.") }
        if topics.isEmpty { limitations.append("There is no finding to report.") }
        if feedback != nil, earlier == nil {
            limitations.append("The earlier version was not shown: this one is written anew.")
        }
        return limitations
    }
}
