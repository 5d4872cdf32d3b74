package import JSON

/// A specialist chosen for a task.
package struct SelectedSpecialist: Sendable, Equatable {
    /// An agent type with the role of a specialist.
    package var type: String
    /// Why it was chosen: the manager's reason if it proposed the type.
    package var rationale: String
    /// What the manager wants it to look at; empty if it did not propose the type.
    package var focusAreas: [String]
    /// 0 to 1: how well the type fits, load included.
    package var score: Double

    package init(type: String, rationale: String, focusAreas: [String] = [], score: Double) {
        self.type = type
        self.rationale = rationale
        self.focusAreas = focusAreas
        self.score = score
    }

    /// Reads the stored form; nil if it names no type.
    package init?(_ json: JSONValue) {
        guard let type = json["type"]?.string else { return nil }
        self.init(
            type: type, rationale: json["rationale"]?.string ?? "", focusAreas: json.strings("focus_areas"),
            score: json["score"]?.double ?? 0)
    }

    /// The stored form, readable by ``init(_:)``.
    package var json: JSONValue {
        [
            "type": .string(type), "rationale": .string(rationale), "focus_areas": .strings(focusAreas),
            "score": .double(score),
        ]
    }
}

/// Chooses the specialists of a task: the manager proposes, the catalogue decides.
///
/// Every specialist is scored 0 to 1 by how many of the required capabilities it has, whether the analysis' words
/// occur in what it says of itself, and what the manager proposed; a busy type loses a little. The generalist is
/// scored only if the manager proposed it. The best 2 to 5, by complexity, are taken one after another, each judged by
/// its score and by how little it repeats those before it. If together they lack a needed capability that some other
/// type has, that type joins; once there are five it takes the place of the weakest whose needed capabilities others
/// have too. The generalist joins in the same way for what nobody has, and is told what that is.
package struct SpecialistSelector: Sendable {
    /// Parts of the score; they add up to one.
    struct Weights {
        static let capabilities = 0.45
        static let proposal = 0.35
        static let words = 0.20
        /// Taken off at full load.
        static let load = 0.15
        /// Taken off for a type that can do exactly what one before it can.
        static let repetition = 0.25
    }

    /// Most specialists of a task, the generalist included.
    package static let maximum = SpecialistTeam.maximum

    /// A specialist as selection sees it, worked out once: this runs for every task.
    private struct Profile {
        var type: String
        var isFallback: Bool
        var capabilities: Set<String>
        var words: Set<String>

        init(_ agent: AgentSpec) {
            type = agent.type
            isFallback = agent.isFallback
            capabilities = Set(agent.capabilities.map(SpecialistSelector.normalized))
            words = SpecialistSelector.words(in: agent.capabilities + [agent.type, agent.description])
        }
    }

    private let generalist: String?
    private let profiles: [Profile]
    private let capabilities: [String: Set<String>]

    /// Works out once what selection compares.
    package init(catalogue: AgentCatalogue) {
        generalist = catalogue.generalist?.type
        profiles = catalogue.specialists.map(Profile.init)
        capabilities = Dictionary(
            profiles.map { ($0.type, $0.capabilities) }, uniquingKeysWith: { first, _ in first })
    }

    /// Chooses.
    ///
    /// - Parameters:
    ///   - proposal: the specialist_selection answer; nil if the manager could not give one.
    ///   - load: steps per agent type that wait or run now.
    package func select(analysis: TaskAnalysis, proposal: JSONValue?, load: [String: Int]) -> [SelectedSpecialist] {
        let proposed = SelectionProposal(proposal)
        let ranked = rank(analysis, proposed, load)
        let required = Set(analysis.requiredCapabilities.map(Self.normalized))
        var team = SpecialistTeam(
            capabilities: capabilities, needed: required.union(proposed.gaps.keys), contributors: proposed.contributors)

        var left = ranked.filter { $0.score > 0 }
        while team.members.count < analysis.complexity.specialistCount {
            guard let next = best(of: left, for: team) else { break }
            team.add(left.remove(at: next))
        }
        let open = closeGaps(of: &team, from: ranked)
        if let generalist, !open.isEmpty || team.members.count < 2 {
            add(generalist, for: open, to: &team, ranked, proposed)
        }
        for filler in ranked where team.members.count < 2 && !team.contains(filler.type) { team.add(filler) }
        return team.members
    }

    /// All candidates, the fittest first.
    private func rank(
        _ analysis: TaskAnalysis, _ proposed: SelectionProposal, _ load: [String: Int]
    ) -> [SelectedSpecialist] {
        let candidates = profiles.filter { !$0.isFallback || proposed.mentions[$0.type] != nil }
        let busiest = Double(max(candidates.map { load[$0.type] ?? 0 }.max() ?? 0, 1))
        let required = Set(analysis.requiredCapabilities.map(Self.normalized))
        let words = Self.words(in: analysis.keywords + [analysis.domain])
        let scored = candidates.map { agent in
            let mention = proposed.mentions[agent.type]
            let base =
                Weights.capabilities * capabilityShare(of: agent, required: required)
                + Weights.proposal * (mention?.weight ?? 0) + Weights.words * wordShare(of: agent, words: words)
            let penalty = Weights.load * Double(load[agent.type] ?? 0) / busiest
            return SelectedSpecialist(
                type: agent.type, rationale: mention?.rationale ?? "Fits the required capabilities.",
                focusAreas: mention?.focusAreas ?? [], score: max(0, base - (base > 0 ? penalty : 0)))
        }
        // Ties by name, so that the same task is planned alike everywhere.
        return scored.sorted { ($0.score, $1.type) > ($1.score, $0.type) }
    }

    /// Where the candidate stands that is worth most beside those who are chosen; of equals the first.
    private func best(of candidates: [SelectedSpecialist], for team: SpecialistTeam) -> Int? {
        var best: (index: Int, worth: Double)?
        for (index, candidate) in candidates.enumerated() where team.clashes(with: candidate.type).isEmpty {
            let worth = candidate.score - Weights.repetition * team.overlap(with: candidate.type)
            if best.map({ worth > $0.worth }) ?? true { best = (index, worth) }
        }
        return best?.index
    }

    /// Takes a type in for every needed capability that is missing; returns those that stay open, in order.
    private func closeGaps(of team: inout SpecialistTeam, from ranked: [SelectedSpecialist]) -> [String] {
        for capability in team.missing {
            for cover in ranked
            where !team.has(capability) && !team.contains(cover.type) && has(capability, cover.type) {
                team.takeIn(cover)
            }
        }
        return team.missing
    }

    /// The generalist is told what is open; if it has been chosen before, besides what it was chosen for.
    private func add(
        _ generalist: String, for open: [String], to team: inout SpecialistTeam, _ ranked: [SelectedSpecialist],
        _ proposed: SelectionProposal
    ) {
        let focus = open.map { capability in
            proposed.gaps[capability].map { $0.isEmpty ? capability : "\(capability): \($0)" } ?? capability
        }
        if team.contains(generalist) {
            team.extendFocus(of: generalist, by: focus)
            return
        }
        var newcomer =
            ranked.first { $0.type == generalist }
            ?? SelectedSpecialist(
                type: generalist, rationale: "Covers what no chosen specialist is made for.", score: 0)
        newcomer.focusAreas += focus
        team.takeIn(newcomer)
    }

    private func has(_ capability: String, _ type: String) -> Bool {
        capabilities[type]?.contains(capability) ?? false
    }

    private func capabilityShare(of agent: Profile, required: Set<String>) -> Double {
        guard !required.isEmpty else { return 0 }
        return Double(required.count(where: agent.capabilities.contains)) / Double(required.count)
    }

    private func wordShare(of agent: Profile, words: Set<String>) -> Double {
        guard !words.isEmpty else { return 0 }
        return min(1, Double(words.count(where: agent.words.contains)) / Double(min(words.count, 4)))
    }

    static func normalized(_ capability: String) -> String {
        String(capability.lowercased().map { $0 == " " || $0 == "-" ? "_" : $0 })
    }

    /// Lower-case words of at least four letters.
    static func words(in texts: [String]) -> Set<String> {
        var result: Set<String> = []
        for text in texts {
            for word in text.lowercased().split(whereSeparator: { !$0.isLetter && !$0.isNumber }) where word.count > 3 {
                result.insert(String(word))
            }
        }
        return result
    }
}
